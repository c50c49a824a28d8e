import { execFileSync } from 'node:child_process';
import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings } from './bench.js';
import { type Stretch, saturate } from './rig/closed-loop.js';
import { type PgbenchStretch, pgbench } from './rig/pgbench.js';
import { placeOneVariables } from './rig/place-one.js';
import { type Effort, interleave, ratios, sampleOf } from './rig/rounds.js';
import { Shop, WITHOUT_EVENTS } from './rig/shop.js';

/** As many as the edge lets into one process (infra/edge/servers-ha.cfg). */
const CONCURRENCY = 256;
/** Of a round, with and without the standby in turn: the difference is smaller than what a shared machine does in 8 s. */
const PIECES = 4;
const WARM_UP_SECONDS = 20;

export const synchronousStandby: Bench = {
  id: 'p7',
  title: 'Price of a synchronous standby',
  goal: 'a synchronous standby costs ≤ 10 % of throughput; primary and service on one core, standby on the other',
  run,
};

/** Moves a process with all its threads, and what it forks from now on. */
const pin = (pid: number, core: number): unknown =>
  execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using shop = await Shop.open({ environment: WITHOUT_EVENTS });
  const { postgres } = shop;
  await shop.stopOrders();
  await postgres.addStandby();
  pin(postgres.pid, 0);
  pin(postgres.standbyPid as number, 1);
  const order = await shop.startOrder(1, { environment: WITHOUT_EVENTS });
  pin(order.pid, 0);
  pin(process.pid, 1);
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const plan = { doors, customers: shop.customers, groups: shop.groups, concurrency: CONCURRENCY };
  await saturate({ ...plan, seconds: WARM_UP_SECONDS });
  const ours = (isOn: boolean) => async (): Promise<Stretch> => {
    await postgres.setSynchronous(isOn);
    return saturate({ ...plan, seconds: seconds / PIECES, warmUpSeconds: 1 });
  };
  const oneByOne =
    (isOn: boolean) =>
    async (round: number): Promise<PgbenchStretch> => {
      await postgres.setSynchronous(isOn);
      const variables = placeOneVariables(round);
      return pgbench({ postgres, script: 'place-one.sql', schema: 'orders', clients: 1, seconds, variables });
    };
  const pieces = await interleave(rounds * PIECES, { alone: ours(false), synchronous: ours(true) });
  const results = {
    alone: roundsOf(pieces.alone),
    synchronous: roundsOf(pieces.synchronous),
    ...(await interleave(rounds, { pgbenchAlone: oneByOne(false), pgbenchSynchronous: oneByOne(true) })),
  };
  for (const door of doors) await door.close();
  return findings(results);
}

/** Throughput of each round, over its pieces. */
function roundsOf(pieces: readonly Stretch[]): { perSecond: number }[] {
  const rounds = Math.floor(pieces.length / PIECES);
  return Array.from({ length: rounds }, (_, round) => {
    const own = pieces.slice(round * PIECES, (round + 1) * PIECES);
    const sum = (of: (piece: Stretch) => number) => own.reduce((total, piece) => total + of(piece), 0);
    return { perSecond: sum(({ orders }) => orders) / sum(({ seconds }) => seconds) };
  });
}

type Results = Record<
  'alone' | 'synchronous' | 'pgbenchAlone' | 'pgbenchSynchronous',
  readonly { perSecond: number }[]
>;

function findings(results: Results): Findings {
  const rates = (name: keyof Results) => results[name].map(({ perSecond }) => perSecond);
  const cost = (on: keyof Results, off: keyof Results) =>
    ratios(rates(on), rates(off)).map((ratio) => 100 * (1 - ratio));
  const info = (name: string, unit: string, rounds: number[]) => ({ name, unit, sample: sampleOf(rounds) });
  return {
    measures: [
      { ...info('throughput lost to the synchronous standby', '%', cost('synchronous', 'alone')), limit: 10 },
      info('ours, asynchronous standby', '/s', rates('alone')),
      info('ours, synchronous standby', '/s', rates('synchronous')),
      info('pgbench, one client: throughput lost', '%', cost('pgbenchSynchronous', 'pgbenchAlone')),
    ],
    notes: [
      'Primary and order service share core 0; standby and load generator share core 1 (taskset). The standby runs all the time: `synchronous_standby_names` alone is switched.',
      `Ours: ${CONCURRENCY} customers who wait for their answers. Beside it pgbench with one client: orders placed one by one.`,
      `A round of ours is ${PIECES} pieces with and ${PIECES} without it, in turn; warm-up ${WARM_UP_SECONDS} s once, 1 s before each piece.`,
    ],
  };
}
