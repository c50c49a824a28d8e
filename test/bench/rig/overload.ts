import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpDoor } from '../../../apps/cli/src/load/http-door.js';
import { runOpenLoop } from '../../../apps/cli/src/load/open-loop.js';
import type { Customer } from '../../../apps/cli/src/load/reference-client.js';
import { placeOnce, twoUniformSkus } from './closed-loop.js';
import { cpuBetween, type ProcessGroups, readCpu } from './cpu.js';
import { readMetrics } from './service-metrics.js';
import type { Shop } from './shop.js';

const CALM_SHARE = 0.5;
const CALM_SECONDS = 8;
const RECOVERY_SECONDS = 10;
/** So many in a row, and latency is normal again. */
export const NORMAL_SECONDS = 3;
/** Slower than this beyond twice the calm p99 is not normal, in ms: the cap's periods alone make 20. */
const TOLERANCE_MS = 25;
const FINAL_PATIENCE_MS = 60_000;

export type OverloadPlan = {
  readonly door: HttpDoor;
  readonly shop: Shop;
  readonly capacity: number;
  readonly factor: number;
  readonly lengthSeconds: number;
  readonly groups: ProcessGroups;
};

/** How one overload went. */
export type OverloadEnd = {
  readonly accepted: number;
  readonly goodputShare: number;
  readonly p99Ms: number;
  readonly recoverySeconds: number;
  readonly generatorCores: number;
  /** Orders merged into one call of the database. */
  readonly mergedOrders: number;
  /** Share of the time in which the service collected garbage and did nothing else. */
  readonly collectingShare: number;
  readonly statuses: Record<string, number>;
  readonly cpuMs: Record<string, number>;
};

/** Beside the status of answers. */
const NOT_SENT = -1;

type Answer = { atMs: number; latencyMs: number; status: number };

/** Half of capacity, then `factor` times capacity, then half again. */
export async function overload(plan: OverloadPlan): Promise<OverloadEnd> {
  const { shop, capacity, factor, lengthSeconds, groups } = plan;
  const calm = await drive(plan, capacity * CALM_SHARE, CALM_SECONDS);
  const metricsUrl = shop.metricsUrls[0] as string;
  const calmMetrics = await readMetrics(metricsUrl);
  const before = { cpu: readCpu(groups), own: process.cpuUsage(), atMs: performance.now() };
  // The calm time follows at once: whatever the overload left behind is in its way.
  const storm = drive(plan, capacity * factor, lengthSeconds);
  await sleep(lengthSeconds * 1_000);
  const own = process.cpuUsage(before.own);
  const generatorCores = (own.user + own.system) / 1_000 / (performance.now() - before.atMs);
  const cpuMs = cpuBetween(before.cpu, readCpu(groups));
  const [stormMetrics, afterwards] = await Promise.all([
    readMetrics(metricsUrl),
    drive(plan, capacity * CALM_SHARE, RECOVERY_SECONDS),
  ]);
  const grown = (name: string) => stormMetrics(name) - calmMetrics(name);
  const answers = await storm;
  const accepted = answers.filter(({ status }) => status === 201);
  const normalMs = 2 * p99Of(calm) + TOLERANCE_MS;
  const isNormal = secondsOf(afterwards).map((second) => p99Of(second) <= normalMs);
  return {
    accepted: [...calm, ...answers, ...afterwards].filter(({ status }) => status === 201).length,
    goodputShare: accepted.length / lengthSeconds / capacity,
    p99Ms: p99Of(accepted),
    recoverySeconds: secondsUntilNormal(isNormal),
    generatorCores,
    mergedOrders: grown('twofold_order_batch_orders_sum') / grown('twofold_order_batch_orders_count'),
    collectingShare: grown('nodejs_gc_duration_seconds_sum') / lengthSeconds,
    statuses: countBy(answers),
    cpuMs,
  };
}

async function drive({ door, shop }: OverloadPlan, perSecond: number, seconds: number): Promise<Answer[]> {
  const arrivals = Array.from({ length: Math.floor(perSecond * seconds) }, (_, n) => (n * 1_000) / perSecond);
  const answers: Answer[] = [];
  const sinceMs = performance.now();
  let turn = 0;
  const perform = async (startAtMs: number): Promise<void> => {
    const customer = shop.customers[turn++ % shop.customers.length] as Customer;
    const status = await placeOnce(door, customer, twoUniformSkus());
    answers.push({ atMs: startAtMs - sinceMs, latencyMs: performance.now() - startAtMs, status });
  };
  const { notSent } = await runOpenLoop({ arrivals, perform });
  // Nobody is left to send them: all others wait for their answers.
  for (let n = 0; n < notSent; n++) answers.push({ atMs: seconds * 1_000, latencyMs: 0, status: NOT_SENT });
  return answers;
}

function p99Of(answers: readonly Answer[]): number {
  const sorted = answers.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}

/** Whole seconds before the first {@link NORMAL_SECONDS} normal ones in a row; all of them when there are none. */
function secondsUntilNormal(isNormal: readonly boolean[]): number {
  const first = isNormal.findIndex((_, n) => {
    const row = isNormal.slice(n, n + NORMAL_SECONDS);
    return row.length === NORMAL_SECONDS && row.every(Boolean);
  });
  return first < 0 ? isNormal.length : first;
}

function secondsOf(answers: readonly Answer[]): Answer[][] {
  const seconds: Answer[][] = Array.from({ length: RECOVERY_SECONDS }, () => []);
  for (const answer of answers) seconds[Math.min(RECOVERY_SECONDS - 1, Math.floor(answer.atMs / 1_000))]?.push(answer);
  return seconds;
}

function countBy(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Waits until every order is final, a minute at most. How many accepted ones are missing, or neither CONFIRMED nor CANCELLED then. */
export async function lostOrUnsettled(shop: Shop, ends: readonly OverloadEnd[] = []): Promise<number> {
  const accepted = ends.reduce((sum, end) => sum + end.accepted, 0);
  const deadline = Date.now() + FINAL_PATIENCE_MS;
  for (;;) {
    const [row] = await shop.postgres.query<{ stored: string; waiting: string }>(
      `SELECT count(*) AS stored, count(*) FILTER (WHERE status NOT IN ('CONFIRMED', 'CANCELLED')) AS waiting FROM orders.orders`,
    );
    const faults = Math.max(0, accepted - Number(row?.stored)) + Number(row?.waiting);
    if (faults === 0 || Date.now() > deadline) return faults;
    await sleep(500);
  }
}
