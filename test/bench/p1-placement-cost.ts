import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings } from './bench.js';
import { type Stretch, saturate } from './rig/closed-loop.js';
import { type PgbenchStretch, pgbench } from './rig/pgbench.js';
import { placeOneVariables } from './rig/place-one.js';
import { type Effort, interleave, ratios, sampleOf } from './rig/rounds.js';
import { ROOT } from './rig/service-process.js';
import { Shop, WITHOUT_EVENTS } from './rig/shop.js';

const CONCURRENCY = 128;
/** The cheapest for pgbench of 1, 4, 16 and 64 on two cores: more wait for each other's shelves. */
const PGBENCH_CLIENTS = 16;
const WARM_UP_SECONDS = 20;

export const placementCost: Bench = {
  id: 'p1',
  title: 'CPU of POST /orders at saturation',
  goal: 'app + Postgres CPU per order ≤ 0.75 x pgbench doing the same as one statement on the same tables, ≤ 0.9 x on plain ones',
  run,
};

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using shop = await Shop.open({ environment: WITHOUT_EVENTS, orders: 1 });
  const { postgres } = shop;
  await postgres.query(readFileSync(join(ROOT, 'test/bench/sql/plain-tables.sql'), 'utf8'));
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const reference = (schema: string, round: number): Promise<PgbenchStretch> => {
    const variables = placeOneVariables(round);
    return pgbench({ postgres, script: 'place-one.sql', schema, clients: PGBENCH_CLIENTS, seconds, variables });
  };
  const plan = { doors, customers: shop.customers, groups: shop.groups, concurrency: CONCURRENCY };
  const ours = (): Promise<Stretch> => saturate({ ...plan, seconds, warmUpSeconds: 2 });
  await saturate({ ...plan, seconds: WARM_UP_SECONDS });
  const results = await interleave<'twofold' | 'partitioned' | 'plain', Stretch | PgbenchStretch>(rounds, {
    twofold: ours,
    partitioned: (round) => reference('orders', round),
    plain: (round) => reference('plain', round),
  });
  for (const door of doors) await door.close();
  return findings(results as never);
}

type Results = { twofold: Stretch[]; partitioned: PgbenchStretch[]; plain: PgbenchStretch[] };

function findings({ twofold, partitioned, plain }: Results): Findings {
  const app = twofold.map(({ cpuUs }) => cpuUs.app ?? 0);
  const database = twofold.map(({ cpuUs }) => cpuUs.postgres ?? 0);
  const ours = twofold.map((_, round) => (app[round] ?? 0) + (database[round] ?? 0));
  const onPartitioned = partitioned.map(({ postgresUs }) => postgresUs);
  const onPlain = plain.map(({ postgresUs }) => postgresUs);
  const info = (name: string, unit: string, rounds: number[]) => ({ name, unit, sample: sampleOf(rounds) });
  return {
    measures: [
      { ...info('ours / pgbench on the same, partitioned tables', 'x', ratios(ours, onPartitioned)), limit: 0.75 },
      { ...info('ours / pgbench on plain tables', 'x', ratios(ours, onPlain)), limit: 0.9 },
      info('ours: app + Postgres per order', 'µs', ours),
      info('ours: app', 'µs', app),
      info('ours: Postgres', 'µs', database),
      info('pgbench, partitioned: Postgres per order', 'µs', onPartitioned),
      info('pgbench, plain: Postgres per order', 'µs', onPlain),
      info(
        'ours: orders per second',
        '/s',
        twofold.map(({ perSecond }) => perSecond),
      ),
      info(
        'pgbench, partitioned: orders per second',
        '/s',
        partitioned.map(({ perSecond }) => perSecond),
      ),
      info(
        'generator, apart',
        'µs',
        twofold.map(({ generatorUs }) => generatorUs),
      ),
    ],
    notes: [
      `One process of the order service, ${CONCURRENCY} customers who each wait for their answer; orders of two products out of 1,000, all equally likely.`,
      'Everything is on: tokens verified, strict validation, idempotency, stock, outbox row, metrics, logs at info, rules R1 to R13, fsync. The relay is off: P9 has its cost.',
      `pgbench: ${PGBENCH_CLIENTS} clients, prepared, the same rows and text lengths (test/bench/sql/place-one.sql); its own CPU does not count. The service is idle meanwhile.`,
      `Warm-up: ${WARM_UP_SECONDS} s once, then 2 s (pgbench 1 s) before each round. Postgres 17 with 1 GB of shared buffers.`,
    ],
    details: { failed: twofold.reduce((sum, { failed }) => sum + failed, 0), p99Ms: twofold.map(({ p99Ms }) => p99Ms) },
  };
}
