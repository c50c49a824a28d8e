import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings, Measure } from './bench.js';
import { saturate } from './rig/closed-loop.js';
import { CpuCap } from './rig/cpu-cap.js';
import { Edge, type EdgeLimits } from './rig/edge.js';
import { KafkaBroker } from './rig/kafka-broker.js';
import { lostOrUnsettled, NORMAL_SECONDS, type OverloadEnd, overload } from './rig/overload.js';
import { type Effort, MIN_ROUNDS, sampleOf } from './rig/rounds.js';
import { RELAY_OF_HA, startSaga } from './rig/saga.js';
import { Shop } from './rig/shop.js';

/** Of one core, for the order service: five times what it can do then leaves the generator under half a core. */
const CAP_CORES = 0.25;
const FULL_SECONDS = 60;
const WARM_UP_SECONDS = 15;
const CUSTOMERS = 64;
const LIMITS: EdgeLimits = { maxPerServer: 24, maxQueue: 8 };
const FACTORS = [2, 5] as const;

export const overloaded: Bench = {
  id: 'p6',
  title: 'Overload',
  goal: '2 x and 5 x for 60 s, open loop: goodput ≥ 0.85 of capacity, p99 of accepted ≤ 250 ms, every accepted order final, normal again within 5 s',
  run,
};

type Runs = Record<(typeof FACTORS)[number], OverloadEnd[]>;

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  const lengthSeconds = rounds < MIN_ROUNDS ? seconds : FULL_SECONDS;
  await using broker = await KafkaBroker.start();
  const messaging = { ...broker.environment, ...RELAY_OF_HA };
  await using shop = await Shop.open({ environment: messaging });
  await using _saga = await startSaga(shop, messaging);
  await using edge = await Edge.start(shop.folder, shop.doors, LIMITS);
  const direct = new HttpDoor(shop.doors[0] as string);
  const doors = { edge: new HttpDoor(edge.url), direct };
  const plan = { customers: shop.customers, groups: shop.groups, concurrency: CUSTOMERS, doors: [direct] };
  // With all of its core: in a quarter of it V8 would still be compiling when capacity is measured.
  await saturate({ ...plan, seconds: WARM_UP_SECONDS });
  await lostOrUnsettled(shop);
  using _cap = CpuCap.of(
    shop.orders.map(({ pid }) => pid),
    CAP_CORES,
  );
  const capacities: number[] = [];
  const runs: Record<'edge' | 'direct', Runs> = { edge: { 2: [], 5: [] }, direct: { 2: [], 5: [] } };
  for (let repeat = 0; repeat < Math.max(1, Math.floor(rounds / MIN_ROUNDS)); repeat++) {
    const capacity = (await saturate({ ...plan, seconds: lengthSeconds })).perSecond;
    capacities.push(capacity);
    for (const way of ['edge', 'direct'] as const)
      for (const factor of FACTORS) {
        await lostOrUnsettled(shop);
        const groups = { ...shop.groups, edge: [edge.pid] };
        runs[way][factor].push(await overload({ door: doors[way], shop, capacity, factor, lengthSeconds, groups }));
        process.stderr.write(`  ${factor} x capacity, ${way}: done\n`);
      }
  }
  const unsettled = await lostOrUnsettled(shop, [...Object.values(runs.edge), ...Object.values(runs.direct)].flat());
  await doors.edge.close();
  await direct.close();
  return findings(runs, capacities, unsettled);
}

function findings(runs: Record<'edge' | 'direct', Runs>, capacities: number[], unsettled: number): Findings {
  return {
    measures: [
      ...FACTORS.flatMap((factor) => measuresOf(`${factor} x`, runs.edge[factor], true)),
      { name: 'accepted orders that are not there or not final', unit: '', sample: sampleOf([unsettled]), limit: 0 },
      ...FACTORS.flatMap((factor) => measuresOf(`without the edge, ${factor} x`, runs.direct[factor], false)),
      { name: 'capacity', unit: '/s', sample: sampleOf(capacities) },
    ],
    notes: [
      `The order service is held to ${CAP_CORES} of a core (a control group) so that the generator stays under half a core even at 5 x; it places, relays and follows the whole saga within that. Postgres, payment, the simulator, one Kafka broker and the edge are not capped.`,
      `Capacity is what ${CUSTOMERS} customers who wait for their answers get out of the capped service directly, for as long as an overload lasts, after it was warmed up for ${WARM_UP_SECONDS} s without its cap. Each overload begins when all orders before it are final. Load is an open loop; latency counts from the intended start; each request is tried once.`,
      `The edge is infra/edge/edge.cfg, its limits made smaller for a part of a core: ${LIMITS.maxPerServer} requests in a process, new orders refused by 429 while ${LIMITS.maxQueue} wait. Without it the service's own admission limit has to read every request that it refuses.`,
      'What seems to stand in the way of both goals at once is merging: few of the requests in the process share a call (counters above), and each call has a cost of its own. More requests in the process merge more and wait longer. That merging alone explains it was not isolated.',
      `Recovery: after the overload half of capacity goes on; until ${NORMAL_SECONDS} seconds in a row are normal, which is a p99 of at most twice that of half load before, plus 25 ms. A lone slow second later does not count.`,
    ],
    details: runs,
  };
}

function measuresOf(name: string, ends: readonly OverloadEnd[], isGoal: boolean): Measure[] {
  const measure = (what: string, unit: string, of: (end: OverloadEnd) => number) => ({
    name: `${name}: ${what}`,
    unit,
    sample: sampleOf(ends.map(of)),
  });
  const goals: Measure[] = [
    { ...measure('goodput / capacity', 'x', (end) => end.goodputShare), limit: 0.85, good: 'above' },
    { ...measure('p99 of accepted', 'ms', (end) => end.p99Ms), limit: 250 },
    { ...measure('normal again after', 's', (end) => end.recoverySeconds), limit: 5 },
  ];
  return [
    ...goals.map((goal) => (isGoal ? goal : { name: goal.name, unit: goal.unit, sample: goal.sample })),
    measure('generator', 'cores', (end) => end.generatorCores),
    measure('orders merged into one call', '', (end) => end.mergedOrders),
    measure('time spent collecting garbage', '%', (end) => 100 * end.collectingShare),
  ];
}
