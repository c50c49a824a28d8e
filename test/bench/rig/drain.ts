import { setTimeout as sleep } from 'node:timers/promises';
import { cpuBetween, readCpu } from './cpu.js';
import { fillOutbox } from './fill.js';
import { readMetrics } from './service-metrics.js';
import type { Shop } from './shop.js';

const SMALL = 1_000;
/** Small backlogs measured together: one is too short for the kernel's clock. */
export const SMALL_REPEATS = 30;
/** A small backlog takes at least so long: asking earlier would cost CPU that counts as the relay's. */
const SMALL_TAKES_MS = 60;
const SMALL_PATIENCE_MS = 5_000;
const BIG = Number(process.env.BENCH_BACKLOG ?? 1_000_000);
/** Events of the big backlog over which one round measures. */
const BIG_STRETCH = 100_000;
const DRAIN_PATIENCE_MS = 120_000;

/** What an event cost in µs of CPU: the relay's process alone, and with Postgres. */
export type EventCost = { readonly relayUs: number; readonly cpuUs: number };

/** A stretch of the big backlog. */
export type BigDrain = EventCost & { readonly perSecond: number };

export async function whenDrained(shop: Shop): Promise<void> {
  const deadline = Date.now() + DRAIN_PATIENCE_MS;
  for (;;) {
    const [row] = await shop.postgres.query<{ backlog: string }>('SELECT backlog FROM orders.outbox_backlog()');
    if (Number(row?.backlog) === 0) return;
    if (Date.now() > deadline) throw new Error(`The relay has not drained its backlog in ${DRAIN_PATIENCE_MS} ms.`);
    await sleep(50);
  }
}

/** One cost a round, each of {@link SMALL_REPEATS} backlogs that are filled and drained one after the other. */
export async function drainSmall(shop: Shop, rounds: number): Promise<EventCost[]> {
  await whenDrained(shop);
  const costs: EventCost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await drainRepeatedly(shop));
  return costs;
}

async function drainRepeatedly(shop: Shop): Promise<EventCost> {
  const totalMs = { app: 0, postgres: 0 };
  for (let repeat = 0; repeat < SMALL_REPEATS; repeat++) {
    await fillOutbox(shop.postgres, SMALL);
    const before = { cpu: readCpu(shop.groups), count: await relayed(shop), atMs: performance.now() };
    const isDue = () => performance.now() - before.atMs > SMALL_PATIENCE_MS;
    await shop.postgres.query(`NOTIFY outbox_orders, ''`);
    await sleep(SMALL_TAKES_MS);
    while ((await relayed(shop)) - before.count < SMALL && !isDue()) await sleep(20);
    const cpu = cpuBetween(before.cpu, readCpu(shop.groups));
    totalMs.app += cpu.app ?? 0;
    totalMs.postgres += cpu.postgres ?? 0;
  }
  return costOf(totalMs, SMALL * SMALL_REPEATS);
}

/** Fills the big backlog while the service is paused, then measures stretches of its way through it. */
export async function drainBig(shop: Shop, rounds: number): Promise<BigDrain[]> {
  const [order] = shop.orders;
  order?.pause();
  for (let filled = 0; filled < BIG; filled += BIG_STRETCH) await fillOutbox(shop.postgres, BIG_STRETCH);
  await shop.postgres.query('VACUUM ANALYZE orders.outbox');
  order?.resume();
  const begun = await relayed(shop);
  while ((await relayed(shop)) === begun) await sleep(50);
  const drains: BigDrain[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = { cpu: readCpu(shop.groups), count: await relayed(shop), atMs: performance.now() };
    let events = 0;
    while (events < BIG_STRETCH) {
      await sleep(100);
      events = (await relayed(shop)) - before.count;
      if (performance.now() - before.atMs > DRAIN_PATIENCE_MS) break;
    }
    const cpuMs = cpuBetween(before.cpu, readCpu(shop.groups));
    drains.push({ ...costOf(cpuMs, events), perSecond: (events * 1_000) / (performance.now() - before.atMs) });
    process.stderr.write(`  round ${round + 1} of ${rounds}: ${events} events of the big backlog\n`);
  }
  return drains;
}

/** Events that the relay has sent, as its metrics say. */
async function relayed(shop: Shop): Promise<number> {
  return (await readMetrics(shop.metricsUrls[0] as string))('twofold_relay_published_total');
}

function costOf({ app = 0, postgres = 0 }: Record<string, number>, events: number): EventCost {
  return { relayUs: (app * 1_000) / events, cpuUs: ((app + postgres) * 1_000) / events };
}
