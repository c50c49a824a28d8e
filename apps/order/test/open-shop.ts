import pg from 'pg';
import { type ConfigOf, compose, loadConfig } from '#libs/config';
import type { PlaceOrderBody } from '#libs/contracts';
import { Database, databaseConfig, migrate, openDatabase } from '#libs/database';
import { OpenStockGate, stockConfig } from '#libs/redis';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { Catalogue } from '../src/catalogue.js';
import { HotStock } from '../src/hot-stock.js';
import { migrations } from '../src/migrations/index.js';
import { orderConfig } from '../src/order.config.js';
import { requestKey } from '../src/order-draft.js';
import { PlaceOrder } from '../src/place-order.js';
import { sampleCatalogue } from '../src/sample-catalogue.js';
import { SCHEMA } from '../src/schema.js';
import { seedCatalogue } from '../src/seed-catalogue.js';

const PRODUCTS = 400;
const STOCK = 10_000;
/** Races make bursts on purpose; what overload does has tests of its own. */
const NO_SHEDDING = { ORDER_ADMISSION_TARGET_WAIT_MS: '5000', ORDER_ADMISSION_BURST_MS: '10000' };
const ANY_BODY: PlaceOrderBody = { items: [{ sku: 'any', quantity: 1 }], paymentToken: 'tok_ok' };

/** A shop on a database of its own, with two "processes" that place orders: each has its own sessions and batches. */
export type Shop = {
  readonly database: Database;
  readonly twin: Database;
  readonly config: ConfigOf<typeof orderConfig>;
  readonly first: PlaceOrder;
  readonly second: PlaceOrder;
  either(n: number): PlaceOrder;
  query: TestDatabase['query'];
  /** Claims a key in a transaction that stays open. */
  hold(customerId: string, idempotencyKey: string): Promise<AsyncDisposable & { release(): Promise<void> }>;
  close(): Promise<void>;
};

export async function openShop(environment: Record<string, string> = {}): Promise<Shop> {
  const test = await createTestDatabase();
  const sections = compose({ database: databaseConfig, order: orderConfig, stock: stockConfig });
  const config = loadConfig(sections, { ...test.environment(), ...NO_SHEDDING, ...environment });
  await migrate({ schema: SCHEMA, migrations }, config.database);
  const database = await openDatabase(SCHEMA, {}, config.database, { name: 'order-1', site: 'seoul' });
  const twin = await openDatabase(SCHEMA, {}, config.database, { name: 'order-2', site: 'seoul' });
  await seedCatalogue(database, sampleCatalogue(PRODUCTS, STOCK));
  const placing = (own: Database): PlaceOrder => {
    const hotStock = new HotStock(new OpenStockGate(), own, config.stock);
    return new PlaceOrder(own, new Catalogue(own, config.order), hotStock, config.order);
  };
  const [first, second] = [placing(database), placing(twin)];
  return {
    database,
    twin,
    config: config.order,
    first,
    second,
    either: (n) => (n % 2 === 0 ? first : second),
    query: (sql, values) => test.query(sql, values),
    hold: (customerId, key) => holdKey(test, customerId, key),
    async close() {
      await Promise.all([database.close(), twin.close()]);
      await test[Symbol.asyncDispose]();
    },
  };
}

async function holdKey(test: TestDatabase, customerId: string, idempotencyKey: string) {
  const { key } = requestKey(customerId, idempotencyKey, ANY_BODY);
  const client = new pg.Client({ connectionString: test.url('twofold_orders') });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock($1)', [
    BigInt.asIntN(64, BigInt(`0x${key.slice(0, 16)}`)).toString(),
  ]);
  let isOpen = true;
  const release = async (): Promise<void> => {
    if (isOpen) await client.end();
    isOpen = false;
  };
  return { release, [Symbol.asyncDispose]: release };
}
