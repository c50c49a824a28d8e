import type { Random } from './random.js';

/** A stretch of a run: from `fromShare` of the peak rate to `toShare`, evenly, over `lengthShare` of its duration. */
export type Phase = { name: string; lengthShare: number; fromShare: number; toShare: number };

/** Shapes of load. `--rate` is the peak. */
export const PROFILES = {
  steady: [{ name: 'steady', lengthShare: 1, fromShare: 1, toShare: 1 }],
  'black-friday': [
    { name: 'ramp', lengthShare: 0.25, fromShare: 0.05, toShare: 0.5 },
    { name: 'midnight spike', lengthShare: 0.15, fromShare: 1, toShare: 1 },
    { name: 'plateau', lengthShare: 0.3, fromShare: 0.6, toShare: 0.5 },
    { name: 'second spike', lengthShare: 0.15, fromShare: 0.9, toShare: 0.9 },
    { name: 'late shoppers', lengthShare: 0.15, fromShare: 0.4, toShare: 0.1 },
  ],
} as const satisfies Record<string, readonly Phase[]>;

/** Name of a shape of load. */
export type ProfileName = keyof typeof PROFILES;

/** The phase at `share` (0 to 1) of a run, and its rate there as a share of the peak. */
export function phaseAt(phases: readonly Phase[], share: number): { name: string; rateShare: number } {
  let begin = 0;
  for (const { name, lengthShare, fromShare, toShare } of phases) {
    if (share < begin + lengthShare) {
      return { name, rateShare: fromShare + ((toShare - fromShare) * (share - begin)) / lengthShare };
    }
    begin += lengthShare;
  }
  const last = phases.at(-1);
  return { name: last?.name ?? '', rateShare: last?.toShare ?? 0 };
}

/** A run to make arrivals for. */
export type ArrivalPlan = { phases: readonly Phase[]; peakPerSecond: number; durationMs: number };

/**
 * When each request is meant to start, in ms since the run's start: strangers who do not wait for each other (a Poisson
 * process), whatever the server does. Never faster than the plan's rate in the long run.
 */
export function* arrivals({ phases, peakPerSecond, durationMs }: ArrivalPlan, random: Random): Generator<number> {
  let atMs = 0;
  for (;;) {
    const { rateShare } = phaseAt(phases, atMs / durationMs);
    const perMs = Math.max(1e-6, (rateShare * peakPerSecond) / 1_000);
    atMs += -Math.log(1 - random()) / perMs;
    if (atMs >= durationMs) return;
    yield atMs;
  }
}
