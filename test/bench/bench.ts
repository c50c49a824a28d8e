import type { Effort, Sample } from './rig/rounds.js';

/** A number that was measured; with a `limit` it is a goal. */
export type Measure = {
  readonly name: string;
  readonly unit: string;
  readonly sample: Sample;
  readonly limit?: number;
  /** Which side of the limit is good. @default 'below' */
  readonly good?: 'below' | 'above';
};

/** What a bench found out. */
export type Findings = {
  readonly measures: readonly Measure[];
  /** What a reader must know to believe the numbers: loads, caps, what was switched off. */
  readonly notes: readonly string[];
  /** Anything else worth keeping, for those who ask why. */
  readonly details?: unknown;
};

/** One goal of the project, and how it is measured. */
export type Bench = {
  /** As in `npm run bench p1`. */
  readonly id: string;
  readonly title: string;
  readonly goal: string;
  run(effort: Effort): Promise<Findings>;
};

/** Whether a measure reaches its limit; one without is for information. */
export function isMet({ sample, limit, good = 'below' }: Measure): boolean | undefined {
  if (limit === undefined) return undefined;
  return good === 'below' ? sample.median <= limit : sample.median >= limit;
}
