import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxChannel } from '#libs/outbox';
import { SCHEMA } from '../schema.js';

/**
 * A whole batch of orders in one call: it claims the keys, decides, writes and commits in one round trip, so that a
 * process that freezes never holds a lock (R9).
 *
 * In: n orders sorted by key; their lines flattened (order number, SKU number, SKU, pieces, price), SKU numbers counting
 * in the sorted list of distinct SKUs; texts joined by U+001E, which JSON never contains unescaped.
 * Out: a row for each order that was not simply created; `outcome` is one of:
 *   1 answer stored earlier (by this very batch, when it is repeated: the order id tells) · 2 key in flight elsewhere
 *   3 sold out, stored by this call · 4 unknown SKU · 5 the price is not the one that was sent
 */
export class CreatePlaceBatch1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(today);
    await runner.query(verdict);
    await runner.query(placeBatch);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION place_batch');
    await runner.query('DROP TYPE placement_verdict');
    await runner.query('DROP FUNCTION today');
  }
}

/** The database's date decides on which side of midnight a key lies; a function, so that a test can move midnight. */
const today = `CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE AS 'SELECT current_date'`;

const verdict = `CREATE TYPE placement_verdict AS
  (i int, outcome smallint, same_request boolean, order_id uuid, status smallint, location text, body text)`;

const placeBatch = String.raw`
CREATE FUNCTION place_batch(
  p_lock bigint[], p_key uuid[], p_request uuid[], p_order uuid[], p_payment uuid[], p_event uuid[], p_lane smallint[],
  p_total bigint[], p_at timestamptz[], p_customer text, p_token text, p_correlation text, p_body text, p_value text,
  p_currency text, p_topic text, p_refusal text,
  p_sku text[], p_line_order int[], p_line_sku int[], p_line_name text[], p_quantity int[], p_price bigint[]
) RETURNS SETOF placement_verdict LANGUAGE plpgsql
  SET enable_seqscan = off SET jit = off AS $fn$
DECLARE
  -- Subscripts into arrays of text cost O(n) each, so texts are only ever unnested or split.
  separator constant text := E'\x1e';
  orders_n  constant int := cardinality(p_key);
  lines_n   constant int := cardinality(p_line_order);
  state     int[];                     -- per order: 0 new, else its outcome
  short_of  int[] := array_fill(0, ARRAY[cardinality(p_key)]);
  on_shelf  int[];
  price     bigint[];
  taken     int[] := array_fill(0, ARRAY[cardinality(p_sku)]);
  wanted    int[];
  created   int := 0;
  refused   int := 0;
  replayed  int := 0;
  unknown   int := 0;
  fresh     int;
  line      int := 1;
  first     int;
  k         int;
  shelf     record;
  verdict   placement_verdict;
BEGIN
  -- Claim (R4: a key that is taken elsewhere stalls nobody here). A statement of its own, because the look-up needs a
  -- snapshot that was taken while the locks were held (R1).
  SELECT array_agg(CASE WHEN pg_try_advisory_xact_lock(c.lock) THEN 0 ELSE 2 END ORDER BY c.i) INTO state
    FROM unnest(p_lock) WITH ORDINALITY AS c (lock, i);

  -- In every attached day: no condition on the day, for the first try may lie on the other side of midnight (R1).
  FOR verdict IN
    SELECT c.i, 1, d.request = p_request[c.i], d.order_id, d.status, d.location, d.body
      FROM unnest(p_key) WITH ORDINALITY AS c (key, i) JOIN idempotency d ON d.key = c.key
  LOOP
    CONTINUE WHEN state[verdict.i] <> 0;
    state[verdict.i] := 1;
    replayed := replayed + 1;
    RETURN NEXT verdict;
  END LOOP;

  fresh := cardinality(array_positions(state, 0));
  IF fresh > 0 THEN
    IF fresh < orders_n THEN
      SELECT array_agg(DISTINCT l.k) INTO wanted FROM unnest(p_line_order, p_line_sku) AS l (o, k) WHERE state[l.o] = 0;
    END IF;
    -- Everybody locks in SKU order, so two batches never deadlock (R7).
    FOR shelf IN
      SELECT s.k, t.available, t.unit_price_minor
        FROM unnest(p_sku) WITH ORDINALITY AS s (sku, k) JOIN stock t ON t.sku = s.sku
       WHERE wanted IS NULL OR s.k = ANY (wanted)
       ORDER BY t.sku FOR UPDATE OF t
    LOOP
      on_shelf[shelf.k] := shelf.available;
      price[shelf.k] := shelf.unit_price_minor;
    END LOOP;

    -- Stock is decided only over keys just claimed, in this transaction (R2).
    FOR o IN 1 .. orders_n LOOP
      first := line;
      WHILE line <= lines_n AND p_line_order[line] = o LOOP line := line + 1; END LOOP;
      CONTINUE WHEN state[o] <> 0;
      FOR l IN first .. line - 1 LOOP
        k := p_line_sku[l];
        IF on_shelf[k] IS NULL THEN state[o] := 4; short_of[o] := k; EXIT;
        ELSIF price[k] <> p_price[l] THEN state[o] := 5; EXIT;
        ELSIF on_shelf[k] < p_quantity[l] AND state[o] = 0 THEN state[o] := 3; short_of[o] := k;
        END IF;
      END LOOP;
      IF state[o] = 0 THEN
        created := created + 1;
        FOR l IN first .. line - 1 LOOP
          k := p_line_sku[l];
          on_shelf[k] := on_shelf[k] - p_quantity[l];
          taken[k] := taken[k] + p_quantity[l];
        END LOOP;
      ELSIF state[o] = 3 THEN refused := refused + 1;
      ELSIF state[o] = 4 THEN unknown := unknown + 1;
      END IF;
    END LOOP;

    IF created > 0 THEN
      -- One row per SKU: UPDATE ... FROM would apply one of several and drop the rest (R7).
      UPDATE stock t SET available = t.available - s.pieces
        FROM unnest(p_sku, taken) AS s (sku, pieces) WHERE s.pieces > 0 AND t.sku = s.sku;
      INSERT INTO orders (order_id, customer_id, payment_id, payment_token, currency, total_minor, created_at, updated_at)
        SELECT n.id, n.customer, n.payment, n.token, p_currency, n.total, n.at, n.at
          FROM unnest(p_order, string_to_array(p_customer, separator), p_payment, string_to_array(p_token, separator),
                      p_total, p_at, state) AS n (id, customer, payment, token, total, at, state)
         WHERE n.state = 0;
      INSERT INTO order_items (order_id, line, sku, quantity, unit_price_minor)
        SELECT p_order[l.o], row_number() OVER (PARTITION BY l.o ORDER BY l.n), l.sku, l.quantity, l.price
          FROM unnest(p_line_order, p_line_name, p_quantity, p_price) WITH ORDINALITY AS l (o, sku, quantity, price, n)
         WHERE state[l.o] = 0;
      -- Event numbers are drawn last: this transaction has written and holds its orders (R12).
      INSERT INTO outbox (event_id, id, lane, topic, aggregate_id, seq, key, value)
        SELECT n.event, nextval('outbox_id'), n.lane, p_topic, n.id, 1, n.id::text, n.value
          FROM unnest(p_event, p_lane, p_order, string_to_array(p_value, separator), state) AS n (event, lane, id, value, state)
         WHERE n.state = 0;
      PERFORM pg_notify('${outboxChannel(SCHEMA)}', string_agg(DISTINCT n.lane::text, ','))
         FROM unnest(p_lane, state) AS n (lane, state) WHERE n.state = 0;
    END IF;

    IF created + refused > 0 THEN
      -- Only what is final is stored (R3), under the date of the database.
      INSERT INTO idempotency (day, key, request, order_id, status, location, body)
        SELECT today(), n.key, n.request, n.id,
               CASE n.state WHEN 0 THEN 201 ELSE 409 END,
               CASE n.state WHEN 0 THEN '/orders/' || n.id END,
               CASE n.state WHEN 0 THEN n.body
                 ELSE replace(replace(p_refusal, '%sku%', p_sku[n.short]), '%correlation%', n.correlation) END
          FROM unnest(p_key, p_request, p_order, string_to_array(p_body, separator), state, short_of,
                      string_to_array(p_correlation, separator))
               AS n (key, request, id, body, state, short, correlation)
         WHERE n.state IN (0, 3);
    END IF;
  END IF;

  -- An answer that asserts state must have waited for the standbys (R5, R6); a commit that wrote anything does so anyway.
  IF replayed + unknown > 0 AND created + refused = 0 THEN
    PERFORM pg_logical_emit_message(true, 'ack', '');
  END IF;

  IF replayed + created < orders_n THEN
    RETURN QUERY
      SELECT n.i::int, n.state::smallint, true, n.id, CASE n.state WHEN 3 THEN 409::smallint END, NULL::text,
             CASE n.state
               WHEN 3 THEN replace(replace(p_refusal, '%sku%', p_sku[n.short]), '%correlation%', n.correlation)
               WHEN 4 THEN p_sku[n.short] END
        FROM unnest(p_order, state, short_of, string_to_array(p_correlation, separator))
             WITH ORDINALITY AS n (id, state, short, correlation, i)
       WHERE n.state >= 2;
  END IF;
END $fn$`;
