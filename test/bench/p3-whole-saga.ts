import { setTimeout as sleep } from 'node:timers/promises';
import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Customer } from '../../apps/cli/src/load/reference-client.js';
import type { Bench, Findings } from './bench.js';
import { placeOnce, twoUniformSkus } from './rig/closed-loop.js';
import { cpuBetween, type ProcessGroups, readCpu } from './rig/cpu.js';
import { KafkaBroker } from './rig/kafka-broker.js';
import { type Effort, sampleOf } from './rig/rounds.js';
import { startSaga } from './rig/saga.js';
import { Shop } from './rig/shop.js';

/** Orders placed per second: the whole saga, its simulator, its broker and the generator share the machine. */
const RATE_PER_SECOND = 200;
const FINAL_PATIENCE_MS = 60_000;

export const wholeSaga: Bench = {
  id: 'p3',
  title: 'CPU of the whole saga',
  goal: 'placed → charged → CONFIRMED over one KRaft broker: ≤ 2 ms CPU per order (order, payment and Postgres; broker and simulator apart)',
  run,
};

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using broker = await KafkaBroker.start();
  await using shop = await Shop.open({ environment: broker.environment });
  await using saga = await startSaga(shop, broker.environment);
  const door = new HttpDoor(shop.doors[0] as string);
  const groups = {
    order: shop.orders.map(({ pid }) => pid),
    payment: [saga.payment.pid],
    postgres: [shop.postgres.pid],
    broker: [broker.pid],
    simulator: [saga.provider.pid],
  };
  await sagas(shop, { door, groups, orders: RATE_PER_SECOND * 5 });
  const all: Record<string, number>[] = [];
  for (let round = 0; round < rounds; round++) {
    all.push(await sagas(shop, { door, groups, orders: RATE_PER_SECOND * seconds }));
    process.stderr.write(`  round ${round + 1} of ${rounds}\n`);
  }
  await door.close();
  return findings(all);
}

type Part = { door: HttpDoor; groups: ProcessGroups; orders: number };

/** Places so many orders at the rate, waits until each is CONFIRMED, and gives back the CPU of each group per order in ms. */
async function sagas(shop: Shop, { door, groups, orders }: Part): Promise<Record<string, number>> {
  const before = readCpu(groups);
  const confirmedBefore = await confirmed(shop);
  const posts: Promise<number>[] = [];
  const sinceMs = performance.now();
  while (posts.length < orders) {
    const due = Math.min(orders, Math.ceil(((performance.now() - sinceMs) / 1_000) * RATE_PER_SECOND));
    while (posts.length < due) {
      const customer = shop.customers[posts.length % shop.customers.length] as Customer;
      posts.push(placeOnce(door, customer, twoUniformSkus()));
    }
    await sleep(5);
  }
  const placed = (await Promise.all(posts)).filter((status) => status === 201).length;
  const deadline = Date.now() + FINAL_PATIENCE_MS;
  while ((await confirmed(shop)) - confirmedBefore < placed) {
    if (Date.now() > deadline) throw new Error('Not every order was confirmed in time.');
    await sleep(200);
  }
  return Object.fromEntries(
    Object.entries(cpuBetween(before, readCpu(groups))).map(([name, ms]) => [name, ms / placed]),
  );
}

async function confirmed(shop: Shop): Promise<number> {
  const [row] = await shop.postgres.query<{ n: string }>(
    `SELECT count(*) AS n FROM orders.orders WHERE status = 'CONFIRMED'`,
  );
  return Number(row?.n);
}

function findings(all: readonly Record<string, number>[]): Findings {
  const info = (name: string, of: (cpu: Record<string, number>) => number) => ({
    name,
    unit: 'ms',
    sample: sampleOf(all.map(of)),
  });
  const group = (name: string) => (cpu: Record<string, number>) => cpu[name] ?? 0;
  const ours = (cpu: Record<string, number>) => group('order')(cpu) + group('payment')(cpu) + group('postgres')(cpu);
  return {
    measures: [
      { ...info('order + payment + Postgres per saga', ours), limit: 2 },
      info('order', group('order')),
      info('payment', group('payment')),
      info('Postgres', group('postgres')),
      info('Kafka broker, apart', group('broker')),
      info('provider simulator, apart', group('simulator')),
    ],
    notes: [
      `${RATE_PER_SECOND} orders a second through one order and one payment process, both relays, both consumers and one Kafka broker, until each is CONFIRMED; idle costs and the waiting at the end are in.`,
      'Warm-up: five seconds of the same. Webhooks on, everything on.',
    ],
  };
}
