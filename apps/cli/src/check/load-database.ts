import { paymentIdOf } from '#libs/contracts';
import type { Database, Statement } from '#libs/database';
import type { FactStore } from './fact-store.js';
import type { EventFact, OrderFact, PaymentFact, RecordFact, ShelfFact, StoredKey } from './facts.js';
import * as sql from './facts.sql.js';

const NIL = '00000000-0000-0000-0000-000000000000';
const DAY_MS = 86_400_000;

/** What the database holds in all, and since when its outbox is whole. */
export type DatabaseSummary = {
  orders: number;
  payments: number;
  events: number;
  records: number;
  outboxSinceMs: number;
};

/** Reads both services' tables and the embedded bus, page by page, as facts. */
export async function loadDatabase(database: Database, store: FactStore, nowMs = Date.now()): Promise<DatabaseSummary> {
  const orders = await loadOrders(database, store);
  const payments = await loadPayments(database, store);
  const ofOrders = await loadEvents(database, store, 'orders');
  const ofPayments = await loadEvents(database, store, 'payments');
  const records = await loadRecords(database, store);
  for (const shelf of await query<ShelfFact>(database, sql.selectShelves, [])) store.addShelf(shelf);
  const oldestMs = ofOrders.oldestMs ?? nowMs - DAY_MS;
  const outboxSinceMs = oldestMs - (oldestMs % DAY_MS);
  return { orders, payments, events: ofOrders.count + ofPayments.count, records, outboxSinceMs };
}

async function loadOrders(database: Database, store: FactStore): Promise<number> {
  let count = 0;
  for await (const order of pages<OrderFact>(database, sql.selectOrders, [NIL], ({ orderId }) => [orderId])) {
    store.addToOrder(order.paymentId, 'orders', order);
    count += 1;
  }
  type KeyRow = StoredKey & { key: string; day: string };
  const first = [NIL, '-infinity'];
  for await (const row of pages<KeyRow>(database, sql.selectKeys, first, ({ key, day }) => [key, day])) {
    const { orderId, status } = row;
    if (status === 201) store.addToOrder(paymentIdOf(orderId), 'keys', { orderId, status });
  }
  return count;
}

async function loadPayments(database: Database, store: FactStore): Promise<number> {
  let count = 0;
  const after = ({ paymentId }: PaymentFact) => [paymentId];
  for await (const payment of pages<PaymentFact>(database, sql.selectPayments, [NIL], after)) {
    store.addToOrder(payment.paymentId, 'payments', { ...payment, provider: payment.provider ?? undefined });
    count += 1;
  }
  return count;
}

async function loadEvents(database: Database, store: FactStore, schema: 'orders' | 'payments') {
  let count = 0;
  let oldestMs: number | undefined;
  type Row = EventFact & { orderId: string };
  for await (const row of pages<Row>(database, sql.selectOutbox(schema), [NIL], ({ eventId }) => [eventId])) {
    const { orderId, ...event } = row;
    store.addToOrder(paymentIdOf(orderId), 'events', { ...event, consumers: [] });
    oldestMs ??= event.occurredAtMs;
    count += 1;
  }
  type Claim = { eventId: string; consumer: string };
  const after = ({ eventId, consumer }: Claim) => [eventId, consumer];
  for await (const { eventId, consumer } of pages<Claim>(database, sql.selectInbox(schema), [NIL, ''], after)) {
    store.addConsumer(eventId, consumer);
  }
  return { count, oldestMs };
}

async function loadRecords(database: Database, store: FactStore): Promise<number> {
  let count = 0;
  type Row = RecordFact & { orderId: string };
  const after = ({ topic, lane, position }: Row) => [topic, lane, position];
  for await (const row of pages<Row>(database, sql.selectRecords, ['', 0, 0], after)) {
    const { orderId, ...record } = row;
    store.addToOrder(paymentIdOf(orderId), 'records', record);
    count += 1;
  }
  return count;
}

/** All rows of a query that begins after its parameters and ends at a page. */
async function* pages<R>(
  database: Database,
  statement: Statement,
  first: readonly unknown[],
  after: (row: R) => readonly unknown[],
): AsyncGenerator<R> {
  let parameters = first;
  for (;;) {
    const rows = await query<R>(database, statement, parameters);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < sql.PAGE_ROWS) return;
    parameters = after(last);
  }
}

/** One read on the primary: a replica may lack what was acknowledged a moment ago. */
export function query<R>(database: Database, statement: Statement, values: readonly unknown[]): Promise<R[]> {
  return database.read((tx) => tx.run<R>(statement, values), { from: 'primary' });
}
