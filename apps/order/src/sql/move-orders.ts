import type { CancelReason, OrderStatus, PaymentStatus } from '#libs/contracts';
import { named, type Tx } from '#libs/database';

/** Columns of a locked order that change with a move. */
export type OrderMove = {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly cancelReason: CancelReason | null;
  readonly eventSeq: number;
  readonly paymentSeq: number;
  readonly paymentStatus: PaymentStatus;
  /** Known once a provider was asked; an unknown one does not erase it. */
  readonly provider?: string | undefined;
};

const statement = named(
  'move-orders',
  `UPDATE orders o
      SET status = m.status, cancel_reason = m.reason, event_seq = m.event_seq, payment_seq = m.payment_seq,
          payment_status = m.payment_status, provider = coalesce(m.provider, o.provider), version = o.version + 1,
          updated_at = now()
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[])
          AS m (order_id, status, reason, event_seq, payment_seq, payment_status, provider)
    WHERE o.order_id = m.order_id`,
);

/** Writes the next states of orders that the transaction holds locked; each order once. */
export async function moveOrders(tx: Tx, moves: readonly OrderMove[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.run(statement, [
    moves.map(({ orderId }) => orderId),
    moves.map(({ status }) => status),
    moves.map(({ cancelReason }) => cancelReason),
    moves.map(({ eventSeq }) => eventSeq),
    moves.map(({ paymentSeq }) => paymentSeq),
    moves.map(({ paymentStatus }) => paymentStatus),
    moves.map(({ provider }) => provider ?? null),
  ]);
}
