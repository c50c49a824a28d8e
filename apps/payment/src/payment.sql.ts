import { named } from '#libs/database';

/** Columns of a payment under the names of `PaymentRow`; ages by the database's clock, the only one all workers share. */
const COLUMNS = `
  payment_id AS "paymentId", order_id AS "orderId", customer_id AS "customerId", currency, amount_minor AS "amountMinor",
  payment_token AS "paymentToken", status, provider, unwanted, decline_code AS "declineCode", seq, order_seq AS "orderSeq",
  attempts, owner, correlation_id AS "correlationId", traceparent,
  coalesce(extract(epoch FROM now() - first_asked_at) * 1000, 0)::float8 AS "firstAskedAgoMs",
  coalesce(extract(epoch FROM now() - asked_at) * 1000, 0)::float8 AS "askedAgoMs"`;

/**
 * Takes the rows of payments, in one order everywhere; whoever changes a payment holds its row, so that `seq` has no gaps.
 */
export const lockPayments = named(
  'lock-payments',
  `SELECT ${COLUMNS} FROM payments WHERE payment_id = ANY ($1::uuid[]) ORDER BY payment_id FOR UPDATE`,
);

/** Writes a payment down when it is first heard of. No row comes back when somebody was faster. */
export const insertPayment = named(
  'insert-payment',
  `INSERT INTO payments (payment_id, order_id, customer_id, currency, amount_minor, payment_token, status, unwanted, seq,
     order_seq, correlation_id, traceparent, next_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $7 = 'REQUESTED' THEN least(now(), $13::timestamptz) END)
   ON CONFLICT DO NOTHING RETURNING payment_id`,
);

/**
 * Takes the first events of orders and writes their payments down: one round trip for many. A doubled event finds its own row
 * in the inbox, another first event of the same order finds the payment; neither changes anything, and both wait for the
 * standbys like a write, for their "done" rests on it (R5). Rows are written in one order everywhere. A payment is due since its
 * order was placed: of a backlog the oldest is worked off first, before what came meanwhile.
 */
export const requestPayments = named(
  'request-payments',
  `WITH asked AS (
     SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
       $10::boolean[], $11::int[], $12::int[], $13::text[], $14::text[], $15::timestamptz[])
       AS a (event_id, payment_id, order_id, customer_id, currency, amount_minor, payment_token, status, unwanted, seq,
         order_seq, correlation_id, traceparent, placed_at)),
   claimed AS (
     INSERT INTO inbox (consumer, event_id) SELECT $1, event_id FROM asked ORDER BY event_id
     ON CONFLICT DO NOTHING RETURNING event_id),
   written AS (
     INSERT INTO payments (payment_id, order_id, customer_id, currency, amount_minor, payment_token, status, unwanted, seq,
       order_seq, correlation_id, traceparent, next_at)
     SELECT payment_id, order_id, customer_id, currency, amount_minor, payment_token, status, unwanted, seq, order_seq,
       correlation_id, traceparent, least(now(), placed_at) FROM asked JOIN claimed USING (event_id) ORDER BY payment_id
     ON CONFLICT DO NOTHING RETURNING payment_id)
   SELECT CASE WHEN (SELECT count(*) FROM written) < cardinality($2) THEN pg_logical_emit_message(true, 'ack', '') END`,
);

/**
 * Writes what has become of payments: compare and set on status and seq. The token is forgotten as soon as nothing can
 * be charged any more.
 */
export const savePayments = named(
  'save-payments',
  `UPDATE payments p SET status = c.status, provider = c.provider, unwanted = c.unwanted,
     decline_code = coalesce(c.decline_code, p.decline_code), seq = c.seq, owner = c.owner,
     next_at = now() + c.due_in_ms * interval '1 millisecond',
     unknown_since = CASE WHEN c.status = 'UNKNOWN' THEN coalesce(unknown_since, now()) END,
     payment_token = CASE WHEN c.status IN ('REQUESTED', 'PROCESSING', 'UNKNOWN') THEN payment_token END, updated_at = now()
   FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::int[], $9::uuid[],
     $10::float8[]) AS c (payment_id, from_status, from_seq, status, provider, unwanted, decline_code, seq, owner, due_in_ms)
   WHERE p.payment_id = c.payment_id AND p.status = c.from_status AND p.seq = c.from_seq
   RETURNING p.payment_id AS "paymentId"`,
);

/** Remembers the newest event of the order that was seen. */
export const noteOrderSeq = named('note-order-seq', 'UPDATE payments SET order_seq = $2 WHERE payment_id = $1');

/**
 * Notes that orders were confirmed, where that is the next event of the order and says what the payment says; returns the
 * events noted. Rows are locked in one order everywhere.
 */
export const noteConfirmed = named(
  'note-confirmed-orders',
  `WITH told AS (
     SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::bigint[])
       AS t (event_id, payment_id, order_id, seq, currency, amount_minor)),
   next AS MATERIALIZED (
     SELECT t.event_id, t.payment_id, t.seq FROM told t JOIN payments p USING (payment_id, order_id, currency, amount_minor)
      WHERE p.order_seq = t.seq - 1 ORDER BY p.payment_id FOR UPDATE OF p),
   noted AS (UPDATE payments p SET order_seq = next.seq FROM next WHERE p.payment_id = next.payment_id),
   claimed AS (INSERT INTO inbox (consumer, event_id) SELECT $1, event_id FROM next ON CONFLICT DO NOTHING)
   SELECT event_id AS "eventId" FROM next`,
);

/** Wakes a payment that waits for its next attempt; one that is due keeps its place. */
export const makeDue = named(
  'make-payment-due',
  'UPDATE payments SET next_at = now() WHERE payment_id = $1 AND owner IS NULL AND next_at > now()',
);

/** Notes how attempts ended. */
export const finishAttempts = named(
  'finish-attempts',
  `UPDATE attempts a SET outcome = e.outcome, ended_at = now()
   FROM unnest($1::uuid[], $2::int[], $3::text[]) AS e (payment_id, attempt, outcome)
   WHERE a.payment_id = e.payment_id AND a.attempt = e.attempt`,
);

/**
 * Whether every attempt at a provider is proven to have reached nobody (R18). An attempt without outcome may still be under
 * way in a frozen process, so it proves nothing; one that was not made proves nothing either, without one that was refused.
 */
export const provenUnreached = named(
  'proven-unreached',
  `SELECT coalesce(bool_and(outcome IN ('unreachable', 'not-asked') IS TRUE) AND bool_or(outcome = 'unreachable'), false) AS proven
   FROM attempts WHERE payment_id = $1 AND provider = $2`,
);

/** What payments that are free to choose have tried so far. */
export const triedProviders = named(
  'tried-providers',
  `SELECT payment_id AS "paymentId", provider, count(*)::int AS attempts,
     coalesce(bool_or(outcome = 'voided'), false) AS "isVoided"
   FROM attempts WHERE payment_id = ANY($1::uuid[]) GROUP BY payment_id, provider`,
);

/**
 * Claims due payments for a worker, per lane of one provider ('' is: free to choose), the longest due first. A trial does not
 * wait for one to be due. SKIP LOCKED, so that two workers never wait for each other.
 */
export const claimDue = named(
  'claim-due-payments',
  `WITH due AS (
     SELECT one.payment_id FROM unnest($2::text[], $3::int[], $4::boolean[]) AS lane (provider, room, trial)
     CROSS JOIN LATERAL (
       SELECT payment_id FROM payments
       WHERE owner IS NULL AND next_at IS NOT NULL AND (next_at <= now() OR lane.trial)
         AND coalesce(provider, '') = lane.provider
       ORDER BY next_at LIMIT lane.room FOR UPDATE SKIP LOCKED) AS one)
   UPDATE payments SET owner = $1 FROM due WHERE payments.payment_id = due.payment_id
   RETURNING ${COLUMNS.replaceAll('payment_id AS', 'payments.payment_id AS')}`,
);

/** Gives claimed payments back to the places in the queue that they had. */
export const keepPlaces = named(
  'keep-payment-places',
  'UPDATE payments SET owner = NULL WHERE payment_id = ANY ($1::uuid[])',
);

/** Which of the providers have payments that wait for them. */
export const providersAwaited = named(
  'providers-awaited',
  `SELECT name AS provider FROM unnest($1::text[]) AS name
   WHERE EXISTS (SELECT FROM payments WHERE owner IS NULL AND next_at IS NOT NULL AND coalesce(provider, '') = name)`,
);

/** Makes everything due that waits for a provider: it is back. */
export const makeProviderDue = named(
  'make-provider-due',
  `UPDATE payments SET next_at = now()
   WHERE owner IS NULL AND next_at > now() AND coalesce(provider, '') = $1`,
);

/** Whether anything is due at all: what an idle worker asks. */
export const anyDue = named(
  'any-payment-due',
  'SELECT 1 AS due FROM payments WHERE owner IS NULL AND next_at <= now() LIMIT 1',
);

/** Begins attempts: names their provider before the first byte leaves (R18). */
export const beginAttempts = named(
  'begin-attempts',
  `WITH begun AS (
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[])
       AS b (payment_id, status, provider, seq, attempt, step)),
   moved AS (
     UPDATE payments p SET status = b.status, provider = b.provider, seq = b.seq, attempts = b.attempt, updated_at = now(),
       first_asked_at = coalesce(p.first_asked_at, now()),
       asked_at = CASE WHEN p.provider = b.provider THEN p.asked_at ELSE now() END
     FROM begun b WHERE p.payment_id = b.payment_id)
   INSERT INTO attempts (payment_id, attempt, provider, step)
   SELECT payment_id, attempt, provider, step FROM begun`,
);

/** Reads payments without taking them. */
export const readPayments = named(
  'read-payments',
  `SELECT ${COLUMNS} FROM payments WHERE payment_id = ANY ($1::uuid[])`,
);

/** Wakes payments that wait for nobody and nothing. There are none, unless there is a bug. */
export const makeForgottenDue = named(
  'make-forgotten-payments-due',
  `UPDATE payments SET next_at = now() WHERE owner IS NULL AND next_at IS NULL
     AND status IN ('REQUESTED', 'PROCESSING', 'UNKNOWN', 'REFUNDING') AND updated_at < now() - interval '1 minute'`,
);

/** Puts payments back that a worker owns but does not run, where they were. */
export const putBackIdle = named(
  'put-back-idle-payments',
  'UPDATE payments SET owner = NULL, next_at = least(next_at, now()) WHERE owner = $1 AND payment_id <> ALL ($2::uuid[])',
);
