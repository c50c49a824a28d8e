import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Customer } from '../../apps/cli/src/load/reference-client.js';
import type { Bench, Findings } from './bench.js';
import { placeOnce, twoUniformSkus } from './rig/closed-loop.js';
import { type Effort, sampleOf } from './rig/rounds.js';
import { Shop, type ShopOptions, WITHOUT_EVENTS } from './rig/shop.js';

const POSTS = 1_000;
const CONCURRENCY = 64;
const MAX_TRIES = 20;

export const statements: Bench = {
  id: 'p4',
  title: 'Statements and commits per order',
  goal: '≤ 0.2 SQL statements and ≤ 0.05 commits per placed order: 1,000 posts at concurrency 64',
  run,
};

type Counts = { statements: number; commits: number };

async function run({ rounds }: Effort): Promise<Findings> {
  const placement = await count(rounds, { environment: WITHOUT_EVENTS });
  const withRelay = await count(rounds, {});
  const info = (name: string, all: Counts[], of: keyof Counts) => ({
    name,
    unit: '',
    sample: sampleOf(all.map((counts) => counts[of] / POSTS)),
  });
  return {
    measures: [
      { ...info('statements per order', placement, 'statements'), limit: 0.2 },
      { ...info('commits per order', placement, 'commits'), limit: 0.05 },
      info('with the relay and its bus: statements per order', withRelay, 'statements'),
      info('with the relay and its bus: commits per order', withRelay, 'commits'),
    ],
    notes: [
      `pg_stat_statements counts what the service sends (top level); pg_stat_database counts commits of the whole database, probes included. ${POSTS} posts, ${CONCURRENCY} at a time, after 200 to warm up.`,
      'apps/order/src/placement-cost.int-spec.ts holds the same ceiling in CI.',
    ],
  };
}

async function count(rounds: number, options: ShopOptions): Promise<Counts[]> {
  await using shop = await Shop.open({ ...options, postgres: { shared_preload_libraries: 'pg_stat_statements' } });
  await shop.postgres.query('CREATE EXTENSION pg_stat_statements');
  const door = new HttpDoor(shop.doors[0] as string);
  const all: Counts[] = [];
  await post(shop, door, 200);
  for (let round = 0; round < rounds; round++) {
    const before = await read(shop);
    await post(shop, door, POSTS);
    const after = await read(shop);
    all.push({ statements: after.statements - before.statements, commits: after.commits - before.commits });
  }
  await door.close();
  return all;
}

async function post(shop: Shop, door: HttpDoor, posts: number): Promise<void> {
  let next = 0;
  const shopper = async (): Promise<void> => {
    while (next < posts) {
      const customer = shop.customers[next++ % shop.customers.length] as Customer;
      // A busy machine may make the service refuse one: what counts is a thousand orders that were placed.
      for (let tries = 1; (await placeOnce(door, customer, twoUniformSkus())) !== 201; tries++)
        if (tries >= MAX_TRIES) throw new Error(`An order was refused ${MAX_TRIES} times.`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, shopper));
}

async function read(shop: Shop): Promise<Counts> {
  // Sessions report what they did at most once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const [row] = await shop.postgres.query<{ statements: string; commits: string }>(
    `SELECT (SELECT sum(s.calls) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'twofold_orders') AS statements,
            (SELECT xact_commit FROM pg_stat_database WHERE datname = 'twofold') AS commits`,
  );
  return { statements: Number(row?.statements), commits: Number(row?.commits) };
}
