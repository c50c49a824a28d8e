import { named } from '#libs/database';

/** Rows per page of every query below. */
export const PAGE_ROWS = 5_000;

const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Orders after $1. */
export const selectOrders = named(
  'check-orders',
  `SELECT order_id AS "orderId", payment_id AS "paymentId", customer_id AS customer, status, currency,
     total_minor::float8 AS "totalMinor", event_seq AS "eventSeq", ${MS('created_at')} AS "createdAtMs"
   FROM orders.orders WHERE order_id > $1::uuid ORDER BY order_id LIMIT ${PAGE_ROWS}`,
);

/** Keys that were answered with an order, after ($1, $2). */
export const selectKeys = named(
  'check-keys',
  `SELECT key, day::text AS day, order_id AS "orderId", status FROM orders.idempotency
   WHERE (key, day) > ($1::uuid, $2::date) ORDER BY key, day LIMIT ${PAGE_ROWS}`,
);

/** Payments after $1. */
export const selectPayments = named(
  'check-payments',
  `SELECT payment_id AS "paymentId", order_id AS "orderId", status, currency, amount_minor::float8 AS "amountMinor",
     provider, seq
   FROM payments.payments WHERE payment_id > $1::uuid ORDER BY payment_id LIMIT ${PAGE_ROWS}`,
);

/** Events of a service's outbox after $1. */
export const selectOutbox = (schema: 'orders' | 'payments') =>
  named(
    `check-outbox-${schema}`,
    `SELECT event_id AS "eventId", id::float8 AS id, value::json->>'type' AS type, aggregate_id AS "aggregateId", seq, topic,
       lane, key AS "orderId", ${MS("(value::json->>'occurredAt')::timestamptz")} AS "occurredAtMs"
     FROM ${schema}.outbox WHERE event_id > $1::uuid ORDER BY event_id LIMIT ${PAGE_ROWS}`,
  );

/** What a service's consumers remember, after ($1, $2). */
export const selectInbox = (schema: 'orders' | 'payments') =>
  named(
    `check-inbox-${schema}`,
    `SELECT event_id AS "eventId", consumer FROM ${schema}.inbox
     WHERE (event_id, consumer) > ($1::uuid, $2) ORDER BY event_id, consumer LIMIT ${PAGE_ROWS}`,
  );

/** Records of the embedded bus after ($1, $2, $3). */
export const selectRecords = named(
  'check-records',
  `SELECT topic, lane, "position"::float8 AS position, event_id AS "eventId", key AS "orderId" FROM bus.log
   WHERE (topic, lane, "position") > ($1, $2::smallint, $3::bigint) ORDER BY topic, lane, "position" LIMIT ${PAGE_ROWS}`,
);

/** All shelves, in one statement and so in one snapshot. */
export const selectShelves = named(
  'check-shelves',
  `SELECT p.sku, p.stocked, s.available, coalesce(o.sold, 0)::float8 AS sold
   FROM orders.product p JOIN orders.stock s USING (sku) LEFT JOIN (
     SELECT i.sku, sum(i.quantity) AS sold FROM orders.order_items i JOIN orders.orders o USING (order_id)
     WHERE o.status <> 'CANCELLED' GROUP BY i.sku) o USING (sku)`,
);

/** What of the run's orders, made before $1, is still under way, and which events of the outboxes are not sent. */
export const countUnsettled = named(
  'check-unsettled',
  `SELECT (SELECT count(*) FROM orders.orders WHERE status = 'PLACED' AND created_at < $1::timestamptz)::int
     + (SELECT count(*) FROM payments.payments
         WHERE status IN ('REQUESTED', 'PROCESSING', 'UNKNOWN', 'REFUNDING') AND created_at < $1::timestamptz)::int
     AS unsettled`,
);

/** Events before $1 that their consumer does not remember: not sent yet, or not read. */
export const countUnconsumed = named(
  'check-unconsumed',
  `SELECT (SELECT count(*) FROM orders.outbox o WHERE o.event_id < $1::uuid
       AND NOT EXISTS (SELECT FROM payments.inbox i WHERE i.consumer = 'payment' AND i.event_id = o.event_id))::int
     + (SELECT count(*) FROM payments.outbox o WHERE o.event_id < $1::uuid
       AND NOT EXISTS (SELECT FROM orders.inbox i WHERE i.consumer = 'order' AND i.event_id = o.event_id))::int
     AS unconsumed`,
);
