-- The reference: one order, as one prepared statement and one transaction. Writes the rows that POST /orders writes.
-- Values that differ are drawn by pgbench itself, so that Postgres spends nothing on making them; texts are as long as ours.
-- Ids of orders and events begin with a part of today (:day_prefix) and rise, as UUIDv7 do.
\set counter :counter + 1
\set at 1000000000 + :round * 100000000 + :counter
\set who 1000 + :client_id
\set tail random(1000000000000000, 9999999999999999)
\set key_a random(1000000000000000, 9999999999999999)
\set key_b random(1000000000000000, 9999999999999999)
\set a case when :hot = 1 then 1 else random(1, 1000) end
\set b 1 + (:a + random(0, 998)) % 1000
\set sku_a 10000 + least(:a, :b)
\set sku_b 10000 + greatest(:a, :b)
\set lane random(0, 11)
WITH taken AS (
  UPDATE stock SET available = available - 1
   WHERE sku = ANY (ARRAY['TF-' || right(:sku_a::text, 4), 'TF-' || right(:sku_b::text, 4)])
), placed AS (
  INSERT INTO orders (order_id, customer_id, payment_id, payment_token, currency, total_minor, created_at, updated_at)
  VALUES ((:day_prefix::text || :at || :tail)::uuid, :customer::text, (:key_b::text || :key_a)::uuid, 'tok_ok', 'KRW', 100800, now(), now())
), lines AS (
  INSERT INTO order_items (order_id, line, sku, quantity, unit_price_minor)
  VALUES ((:day_prefix::text || :at || :tail)::uuid, 1, 'TF-' || right(:sku_a::text, 4), 1, 50400),
         ((:day_prefix::text || :at || :tail)::uuid, 2, 'TF-' || right(:sku_b::text, 4), 1, 50400)
), answered AS (
  INSERT INTO idempotency (day, key, request, order_id, status, location, body)
  VALUES (current_date, (:key_a::text || :key_b)::uuid, (:tail::text || :key_a)::uuid, (:day_prefix::text || :at || :tail)::uuid, 201,
          :location::text, :body::text)
)
INSERT INTO outbox (event_id, lane, topic, aggregate_id, seq, key, value)
VALUES ((:day_prefix::text || :at || :key_a)::uuid, :lane, 'order-events', (:day_prefix::text || :at || :tail)::uuid, 1,
        :location::text, :event::text);
