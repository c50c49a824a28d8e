import type { EventPayload } from '#libs/contracts';
import { named, type Tx } from '#libs/database';

/** An order that waits for its payment, with all that payment needs to settle it. */
export type WaitingOrder = { readonly eventSeq: number; readonly payload: EventPayload<'order.settlement-requested'> };

type Row = Omit<EventPayload<'order.settlement-requested'>, 'placedAt'> & {
  readonly eventSeq: number;
  readonly placedAt: Date;
};

/** An order that waits for long is asked about less often: a backlog must not grow by the questions about it. */
const MAX_SPACING_SECONDS = 45;

// Never asked comes before asked: an order that nobody can settle must not keep others from being asked about.
// The database's clock, except for created_at: an instance whose clock is ahead is asked for later, never forgotten.
// SKIP LOCKED: an order that is being settled right now need not be asked about, and two sweepers share the work.
const statement = named(
  'ask-for-waiting-orders',
  `UPDATE orders o SET asked_at = now(), event_seq = o.event_seq + 1
     FROM (SELECT w.order_id FROM orders w
            WHERE w.status = 'PLACED' AND w.created_at < now() - make_interval(secs => $1::float8 / 1000)
              AND (w.asked_at IS NULL OR w.asked_at < now() - make_interval(secs => greatest($2::float8 / 1000,
                least(${MAX_SPACING_SECONDS}, extract(epoch FROM now() - w.created_at) / 4))))
            ORDER BY w.asked_at NULLS FIRST, w.order_id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
    WHERE o.order_id = due.order_id
   RETURNING o.order_id AS "orderId", o.payment_id AS "paymentId", o.customer_id AS "customerId", o.currency,
     o.total_minor AS "totalMinor", o.payment_token AS "paymentToken", o.created_at AS "placedAt",
     o.event_seq AS "eventSeq",
     (SELECT json_agg(json_build_object('sku', i.sku, 'quantity', i.quantity, 'unitPriceMinor', i.unit_price_minor) ORDER BY i.line)
        FROM order_items i WHERE i.order_id = o.order_id) AS items`,
);

/**
 * Marks at most `limit` orders that are PLACED for longer than `afterMs` and were not asked about for `againAfterMs` as
 * asked about now, and returns them.
 */
export async function askForWaitingOrders(
  tx: Tx,
  afterMs: number,
  againAfterMs: number,
  limit: number,
): Promise<WaitingOrder[]> {
  const rows = await tx.run<Row>(statement, [afterMs, againAfterMs, limit]);
  return rows.map(({ eventSeq, placedAt, ...rest }) => ({
    eventSeq,
    payload: { ...rest, placedAt: placedAt.toISOString() },
  }));
}

const stillWaiting = named(
  'still-waiting-orders',
  `SELECT count(*)::int AS waiting FROM orders WHERE order_id = ANY ($1::uuid[]) AND status = 'PLACED'`,
);

/** How many of these orders still wait for their payment. */
export async function countStillWaiting(tx: Tx, orderIds: readonly string[]): Promise<number> {
  const [row] = await tx.run<{ waiting: number }>(stillWaiting, [orderIds]);
  return row?.waiting ?? 0;
}
