import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchPostgres } from './bench-postgres.js';
import { placeOneVariables, todayPrefix } from './place-one.js';
import { ROOT } from './service-process.js';

/** Orders of one statement. */
const CHUNK = 100_000;

/** Fills the tables of the shop with orders that were placed and paid today, with their keys and events. */
export async function fillOrders(postgres: BenchPostgres, count: number): Promise<void> {
  const sql = readFileSync(join(ROOT, 'test/bench/sql/fill-orders.sql'), 'utf8');
  const { body, event } = placeOneVariables(0);
  for (let first = 1; first <= count; first += CHUNK) {
    await postgres.query(sql, [count, body, event, first, Math.min(count, first + CHUNK - 1)]);
    if (first % (10 * CHUNK) === 1) process.stderr.write(`  filling: ${first - 1} of ${count} orders\n`);
  }
  await postgres.query('VACUUM (ANALYZE) orders.orders, orders.order_items, orders.idempotency, orders.outbox');
}

let filled = 0;

/** Puts events into the outbox as if committed by orders, evenly over all lanes, without waking the relay. */
export async function fillOutbox(postgres: BenchPostgres, count: number): Promise<void> {
  const { event } = placeOneVariables(0);
  await postgres.query(
    `INSERT INTO orders.outbox (event_id, id, lane, topic, aggregate_id, seq, key, value)
     SELECT e.id, nextval('orders.outbox_id'), e.n % 12, 'order-events', e.id, 1, e.id::text, $2
       FROM (SELECT n, ($1 || lpad(to_hex(n), 10, '0') || substr(md5(n::text), 1, 16))::uuid AS id
               FROM generate_series($3::bigint, $4::bigint) AS n) AS e`,
    [todayPrefix(), event, filled + 1, filled + count],
  );
  filled += count;
}
