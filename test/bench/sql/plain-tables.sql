-- The same tables without partitions, for the reference on plain ones.
CREATE SCHEMA plain;
CREATE TABLE plain.stock (LIKE orders.stock INCLUDING ALL) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
CREATE TABLE plain.orders (LIKE orders.orders INCLUDING ALL);
CREATE TABLE plain.order_items (LIKE orders.order_items INCLUDING ALL);
CREATE TABLE plain.idempotency (LIKE orders.idempotency INCLUDING ALL);
CREATE TABLE plain.outbox (LIKE orders.outbox INCLUDING ALL);
INSERT INTO plain.stock SELECT * FROM orders.stock;
GRANT USAGE ON SCHEMA plain TO twofold_orders;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plain TO twofold_orders;
ANALYZE plain.stock;
