-- $1: how many orders, spread evenly over today until now; $2: text of an answer; $3: text of an event.
-- Ids of orders and events rise with time, as UUIDv7 do; keys are random, as hashes are.
WITH day AS (
  SELECT extract(epoch FROM current_date) * 1000 AS start_ms,
         extract(epoch FROM now() - current_date::timestamptz) * 1000 / $1 AS step_ms
), made AS MATERIALIZED (
  SELECT n, md5(n::text) AS random, md5('key ' || n)::uuid AS key,
         lpad(to_hex((start_ms + n * step_ms)::bigint), 12, '0') AS time,
         to_timestamp((start_ms + n * step_ms) / 1000) AS at
    FROM day, generate_series($4::bigint, $5::bigint) AS n
), ids AS MATERIALIZED (
  SELECT made.*, (time || '7' || substr(random, 1, 3) || '8' || substr(random, 4, 15))::uuid AS id,
         (time || '7' || substr(random, 18, 3) || '9' || substr(random, 4, 15))::uuid AS event_id
    FROM made
), orders AS (
  INSERT INTO orders.orders (order_id, customer_id, payment_id, payment_token, status, currency, total_minor, payment_status, created_at, updated_at)
  SELECT id, 'filled-' || n % 200000, id, 'tok_ok', 'CONFIRMED', 'KRW', 100800, 'SUCCEEDED', at, at FROM ids
), items AS (
  INSERT INTO orders.order_items (order_id, line, sku, quantity, unit_price_minor)
  SELECT id, line, 'TF-' || lpad((1 + (n * line) % 1000)::text, 4, '0'), 1, 50400 FROM ids, generate_series(1, 2) AS line
), answers AS (
  INSERT INTO orders.idempotency (day, key, request, order_id, status, location, body)
  SELECT current_date, key, key, id, 201, '/orders/' || id, $2 FROM ids
)
INSERT INTO orders.outbox (event_id, id, lane, topic, aggregate_id, seq, key, value)
SELECT event_id, nextval('orders.outbox_id'), n % 12, 'order-events', id, 1, id::text, $3 FROM ids
