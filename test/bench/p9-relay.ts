import { setTimeout as sleep } from 'node:timers/promises';
import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings } from './bench.js';
import { saturate } from './rig/closed-loop.js';
import { cpuBetween, readCpu } from './rig/cpu.js';
import { fillOutbox } from './rig/fill.js';
import { KafkaBroker } from './rig/kafka-broker.js';
import { commitToBroker } from './rig/relay-delay.js';
import { type Effort, ratios, sampleOf } from './rig/rounds.js';
import { readMetrics } from './rig/service-metrics.js';
import { Shop } from './rig/shop.js';

const SMALL = 1_000;
/** Small backlogs measured together, half of them before the big one, half after it: one is too short for the kernel's clock. */
const SMALL_REPEATS = 60;
/** A small backlog takes at least so long: asking earlier would cost CPU that counts as the relay's. */
const SMALL_TAKES_MS = 60;
const BIG = Number(process.env.BENCH_BACKLOG ?? 1_000_000);
/** Events of the big backlog over which one round measures. */
const BIG_STRETCH = 100_000;
const LOAD_SHARE = 0.7;
const DRAIN_PATIENCE_MS = 120_000;

export const relay: Bench = {
  id: 'p9',
  title: 'The relay',
  goal: '≤ 80 µs CPU per event (relay and Postgres), the same at 1 k and 1 M backlog; commit to broker p99 ≤ 100 ms at 70 % load; drains ≥ 3 x as fast as orders arrive then',
  run,
};

/** CPU per event in µs, whole and of each part. */
type Drain = { cpuUs: number; appUs: number; postgresUs: number; perSecond: number };

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
  await whenDrained(shop);
  const smallBefore = await drainSmall(shop, rounds);
  const big = await drainBig(shop, rounds);
  const small = meanOf(smallBefore, await drainSmall(shop, rounds));
  for (const door of doors) await door.close();
  return findings({ small, big, delays, arrivals });
}

/** Events that relays have sent, as their metrics say. */
async function relayed(shop: Shop): Promise<number> {
  return (await readMetrics(shop.metricsUrls[0] as string)).sum('twofold_relay_published_total');
}

async function whenDrained(shop: Shop): Promise<void> {
  const deadline = Date.now() + DRAIN_PATIENCE_MS;
  for (;;) {
    const [row] = await shop.postgres.query<{ backlog: string }>('SELECT backlog FROM orders.outbox_backlog()');
    if (Number(row?.backlog) === 0) return;
    if (Date.now() > deadline) throw new Error(`The relay has not drained its backlog in ${DRAIN_PATIENCE_MS} ms.`);
    await sleep(50);
  }
}

async function drainSmall(shop: Shop, rounds: number): Promise<Drain[]> {
  await whenDrained(shop);
  const drains: Drain[] = [];
  for (let round = 0; round < rounds; round++) drains.push(await drainSmallOnes(shop, SMALL_REPEATS / 2));
  return drains;
}

async function drainSmallOnes(shop: Shop, repeats: number): Promise<Drain> {
  const total = { app: 0, postgres: 0 };
  let elapsedMs = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    await fillOutbox(shop.postgres, SMALL);
    const before = { cpu: readCpu(shop.groups), count: await relayed(shop), atMs: performance.now() };
    await shop.postgres.query(`NOTIFY outbox_orders, ''`);
    await sleep(SMALL_TAKES_MS);
    while ((await relayed(shop)) - before.count < SMALL && performance.now() - before.atMs < 5_000) await sleep(20);
    elapsedMs += performance.now() - before.atMs;
    const cpu = cpuBetween(before.cpu, readCpu(shop.groups));
    total.app += cpu.app ?? 0;
    total.postgres += cpu.postgres ?? 0;
  }
  return drainOf(total, SMALL * repeats, elapsedMs);
}

function drainOf(cpuMs: Record<string, number>, events: number, elapsedMs: number): Drain {
  const [appUs, postgresUs] = [cpuMs.app ?? 0, cpuMs.postgres ?? 0].map((ms) => (ms * 1_000) / events) as [
    number,
    number,
  ];
  return { cpuUs: appUs + postgresUs, appUs, postgresUs, perSecond: (events * 1_000) / elapsedMs };
}

/** Round by round: what the machine gained or lost in the meantime is then in neither's favour. */
const meanOf = (before: readonly Drain[], after: readonly Drain[]): Drain[] =>
  before.map((drain, round) => {
    const mean = (of: (drain: Drain) => number) => (of(drain) + of(after[round] as Drain)) / 2;
    return {
      cpuUs: mean(({ cpuUs }) => cpuUs),
      appUs: mean(({ appUs }) => appUs),
      postgresUs: mean(({ postgresUs }) => postgresUs),
      perSecond: mean(({ perSecond }) => perSecond),
    };
  });

async function drainBig(shop: Shop, rounds: number): Promise<Drain[]> {
  const [order] = shop.orders;
  order?.pause();
  for (let filled = 0; filled < BIG; filled += BIG_STRETCH) await fillOutbox(shop.postgres, BIG_STRETCH);
  await shop.postgres.query('VACUUM ANALYZE orders.outbox');
  order?.resume();
  const begun = await relayed(shop);
  while ((await relayed(shop)) === begun) await sleep(50);
  const drains: Drain[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = { cpu: readCpu(shop.groups), count: await relayed(shop), atMs: performance.now() };
    let events = 0;
    while (events < BIG_STRETCH) {
      await sleep(100);
      events = (await relayed(shop)) - before.count;
      if (performance.now() - before.atMs > DRAIN_PATIENCE_MS) break;
    }
    const cpu = cpuBetween(before.cpu, readCpu(shop.groups));
    drains.push(drainOf(cpu, events, performance.now() - before.atMs));
    process.stderr.write(`  round ${round + 1} of ${rounds}: ${events} events of the big backlog\n`);
  }
  return drains;
}

type Results = { small: Drain[]; big: Drain[]; delays: number[]; arrivals: number };

function findings({ small, big, delays, arrivals }: Results): Findings {
  const cpu = (drains: Drain[]) => drains.map(({ cpuUs }) => cpuUs);
  const relayOnly = (drains: Drain[]) => drains.map(({ appUs }) => appUs);
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
      'The small backlogs are measured before and after the big one, 30 each a round.',
      '70 % of what one process places when it relays at the same time; the drain is measured with no arrivals.',
    ],
  };
}
