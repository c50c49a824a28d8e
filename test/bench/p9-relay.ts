import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings } from './bench.js';
import { saturate } from './rig/closed-loop.js';
import { type BigDrain, drainBig, drainSmall, type EventCost, SMALL_REPEATS, whenDrained } from './rig/drain.js';
import { KafkaBroker } from './rig/kafka-broker.js';
import { commitToBroker } from './rig/relay-delay.js';
import { type Effort, ratios, sampleOf } from './rig/rounds.js';
import { Shop } from './rig/shop.js';

const LOAD_SHARE = 0.7;

export const relay: Bench = {
  id: 'p9',
  title: 'The relay',
  goal: '≤ 80 µs CPU per event (relay and Postgres), the same at 1 k and 1 M backlog; commit to broker p99 ≤ 100 ms at 70 % load; drains ≥ 3 x as fast as orders arrive then',
  run,
};

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using broker = await KafkaBroker.start();
  await using shop = await Shop.open({ environment: broker.environment, postgres: { track_commit_timestamp: 'on' } });
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const plan = { doors, customers: shop.customers, groups: shop.groups };
  await saturate({ ...plan, concurrency: 128, seconds: 3 });
  const capacity = (await saturate({ ...plan, concurrency: 128, seconds })).perSecond;
  const arrivals = capacity * LOAD_SHARE;
  await whenDrained(shop);
  const delays = await commitToBroker(shop, {
    broker,
    door: doors[0] as HttpDoor,
    rounds,
    seconds,
    perSecond: arrivals,
  });
  const smallBefore = await drainSmall(shop, rounds);
  const big = await drainBig(shop, rounds);
  const small = meanOf(smallBefore, await drainSmall(shop, rounds));
  for (const door of doors) await door.close();
  return findings({ small, big, delays, arrivals });
}

/** Round by round: what the machine gained or lost in the meantime is then in neither's favour. */
const meanOf = (before: readonly EventCost[], after: readonly EventCost[]): EventCost[] =>
  before.map((cost, round) => {
    const mean = (part: keyof EventCost) => (cost[part] + (after[round] as EventCost)[part]) / 2;
    return { relayUs: mean('relayUs'), cpuUs: mean('cpuUs') };
  });

type Results = { small: EventCost[]; big: BigDrain[]; delays: number[]; arrivals: number };

function findings({ small, big, delays, arrivals }: Results): Findings {
  const cpu = (costs: readonly EventCost[]) => costs.map(({ cpuUs }) => cpuUs);
  const relayOnly = (costs: readonly EventCost[]) => costs.map(({ relayUs }) => relayUs);
  const info = (name: string, unit: string, rounds: number[]) => ({ name, unit, sample: sampleOf(rounds) });
  return {
    measures: [
      { ...info('relay + Postgres per event, 1 M backlog', 'µs', cpu(big)), limit: 80 },
      { ...info('per event, 1 M / 1 k backlog', 'x', ratios(cpu(big), cpu(small))), limit: 1.1 },
      { ...info('commit to broker, p99 at 70 % load', 'ms', delays), limit: 100 },
      {
        ...info(
          'drain / arrival rate',
          'x',
          big.map(({ perSecond }) => perSecond / arrivals),
        ),
        limit: 3,
        good: 'above',
      },
      info('relay + Postgres per event, 1 k backlog', 'µs', cpu(small)),
      info('relay per event, 1 M backlog', 'µs', relayOnly(big)),
      info('relay per event, 1 k backlog', 'µs', relayOnly(small)),
      info(
        'drained per second, 1 M backlog',
        '/s',
        big.map(({ perSecond }) => perSecond),
      ),
      info('arrivals at 70 % load', '/s', [arrivals]),
    ],
    notes: [
      'One order process with its relay on one KRaft broker; the CPU of the idle HTTP side is in. Backlogs are put into the outbox by SQL, evenly over 12 lanes, with events as long as ours.',
      'Commit to broker: from the commit time that Postgres keeps (track_commit_timestamp) to the time at which the broker appended (LogAppendTime), for every order placed, open loop.',
      `The small backlogs are measured before and after the big one, ${SMALL_REPEATS} each a round.`,
      '70 % of what one process places when it relays at the same time; the drain is measured with no arrivals.',
    ],
  };
}
