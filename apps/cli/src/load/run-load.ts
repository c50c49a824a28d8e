import { Journal } from '../check/journal.js';
import { arrivals, PROFILES, phaseAt } from './arrivals.js';
import { readCatalogue } from './catalogue.js';
import type { LoadPlan } from './load-plan.js';
import { type LoadReport, reportOf } from './load-report.js';
import { LoadStatistics } from './load-statistics.js';
import { runOpenLoop } from './open-loop.js';
import { seededRandom, weighted, zipfWeights } from './random.js';
import { type Customer, ReferenceClient, type RequestEnd } from './reference-client.js';
import { Shopper, type ShopperChoices, type ShopperStep } from './shopper.js';

/** What a run needs from outside. */
export type LoadNeeds = {
  customers: readonly Customer[];
  /** Told each second. */
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
};

/** How a run stands. */
export type LoadProgress = { elapsedMs: number; phase: string; sentPerSecond: number; done: number; failed: number };

/** Runs the plan to its end, or to `signal`, and waits for every answer. */
export async function runLoad(plan: LoadPlan, needs: LoadNeeds): Promise<LoadReport> {
  const journal = plan.journalPath === undefined ? undefined : await Journal.open(plan.journalPath);
  await using client = new ReferenceClient({ doors: plan.targets, journal });
  const catalogue = await readCatalogue(client);
  const statistics = new LoadStatistics();
  const shopper = new Shopper(client, choicesOf(plan, catalogue, needs.customers), seededRandom(plan.seed));
  const before = { cpu: process.cpuUsage(), attempts: client.attempts, atMs: performance.now() };
  const stopProgress = followProgress(plan, statistics, needs.onProgress);
  await journal?.write({ kind: 'mark', atMs: Date.now(), name: 'started' });
  const peakPerSecond = plan.ratePerSecond;
  const loop = await runOpenLoop({
    arrivals: arrivals(
      { phases: PROFILES[plan.profile], peakPerSecond, durationMs: plan.durationMs },
      seededRandom(plan.seed + 1),
    ),
    perform: (startAtMs) => performOne(shopper, statistics, startAtMs),
    ...(needs.signal && { signal: needs.signal }),
  });
  stopProgress();
  await journal?.write({ kind: 'mark', atMs: Date.now(), name: 'ended' });
  await journal?.close();
  const cpu = process.cpuUsage(before.cpu);
  const attempts = client.attempts - before.attempts;
  const elapsedMs = performance.now() - before.atMs;
  return reportOf({ statistics, loop, attempts, cpu, elapsedMs }, plan.thresholds);
}

async function performOne(shopper: Shopper, statistics: LoadStatistics, startAtMs: number): Promise<void> {
  const { step, end } = await shopper.act();
  statistics.record(step, performance.now() - startAtMs, isFailed(end), statusText(end));
}

/** Refusals that the shop means (sold out, not cancellable) are answers; everything else that is no success is a failure. */
function isFailed({ isSettled, status }: RequestEnd): boolean {
  return !isSettled || (status >= 400 && status !== 409);
}

const statusText = ({ status, code, isReplay }: RequestEnd): string =>
  `${status === 0 ? 'no answer' : status}${code === undefined ? '' : ` ${code}`}${isReplay ? ' replayed' : ''}`;

function choicesOf(plan: LoadPlan, catalogue: readonly string[], customers: readonly Customer[]): ShopperChoices {
  const popular = weighted(catalogue, zipfWeights(catalogue.length, plan.zipf));
  const { hotSku, hotShare } = plan;
  return {
    step: weighted([...plan.journey.keys()] as ShopperStep[], [...plan.journey.values()]),
    customer: (random) => customers[Math.floor(random() * customers.length)] as Customer,
    sku: (random) => (hotSku !== undefined && random() < hotShare ? hotSku : popular(random)),
    paymentToken: weighted([...plan.tokens.keys()], [...plan.tokens.values()]),
    maxLines: plan.maxLines,
  };
}

function followProgress(plan: LoadPlan, statistics: LoadStatistics, tell: LoadNeeds['onProgress']): () => void {
  if (!tell) return () => {};
  const startedAtMs = performance.now();
  let lastDone = 0;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedAtMs;
    const { name } = phaseAt(PROFILES[plan.profile], elapsedMs / plan.durationMs);
    const { done, failed } = statistics;
    tell({ elapsedMs, phase: name, sentPerSecond: done - lastDone, done, failed });
    lastDone = done;
  }, 1_000);
  return () => clearInterval(timer);
}
