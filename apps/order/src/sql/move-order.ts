import type { CancelReason, OrderStatus, PaymentStatus } from '#libs/contracts';
import { named, type Tx } from '#libs/database';

/** Columns of a locked order that change with a move. */
export type OrderMove = {
  readonly status: OrderStatus;
  readonly cancelReason: CancelReason | null;
  readonly eventSeq: number;
  readonly paymentSeq: number;
  readonly paymentStatus: PaymentStatus;
  /** Known once a provider was asked; an unknown one does not erase it. */
  readonly provider?: string | undefined;
};

const statement = named(
  'move-order',
  `UPDATE orders
      SET status = $2, cancel_reason = $3, event_seq = $4, payment_seq = $5, payment_status = $6,
          provider = coalesce($7, provider), version = version + 1, updated_at = now()
    WHERE order_id = $1`,
);

/** Writes the next state of an order that the transaction holds locked. */
export async function moveOrder(tx: Tx, orderId: string, move: OrderMove): Promise<void> {
  await tx.run(statement, [
    orderId,
    move.status,
    move.cancelReason,
    move.eventSeq,
    move.paymentSeq,
    move.paymentStatus,
    move.provider ?? null,
  ]);
}
