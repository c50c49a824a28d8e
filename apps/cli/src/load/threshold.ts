import { unusable } from './load.errors.js';
import type { StepFigures } from './load-statistics.js';

const METRICS = {
  p50: (step: StepFigures) => step.p50Ms,
  p90: (step: StepFigures) => step.p90Ms,
  p99: (step: StepFigures) => step.p99Ms,
  p999: (step: StepFigures) => step.p999Ms,
  max: (step: StepFigures) => step.maxMs,
  mean: (step: StepFigures) => step.meanMs,
  failed: (step: StepFigures) => (step.count === 0 ? 0 : step.failed / step.count),
  rate: (step: StepFigures) => step.perSecond,
} as const;

/** A promise of a run that decides its exit code. */
export type Threshold = { text: string; step: string; metric: keyof typeof METRICS; isBelow: boolean; limit: number };

const SHAPE = /^(?:([a-z]+)\.)?([a-z0-9]+)\s*([<>])\s*([\d.]+)\s*(ms|s|%|\/s)?$/;

/**
 * Reads `p99<250ms`, `place.p999<2s`, `failed<0.1%`, `rate>950/s`. Without a kind of request it is about all of them.
 * @throws AppError `invalid-request` that shows how to write one
 */
export function parseThreshold(text: string): Threshold {
  const [, step = 'all', metric = '', sign, number, unit] = SHAPE.exec(text.trim()) ?? [];
  if (!(metric in METRICS) || number === undefined) {
    const names = Object.keys(METRICS).join(', ');
    throw unusable(`"${text}" is no threshold. Write p99<250ms, place.p999<2s, failed<0.1% or rate>950/s (${names}).`);
  }
  const scale = unit === 's' ? 1_000 : unit === '%' ? 0.01 : 1;
  return { text, step, metric: metric as keyof typeof METRICS, isBelow: sign === '<', limit: Number(number) * scale };
}

/** What was measured against a threshold; a kind of request that never happened breaks it. */
export function judge(threshold: Threshold, figures: readonly StepFigures[]): { isMet: boolean; measured: number } {
  const step = figures.find(({ name }) => name === threshold.step);
  if (!step) return { isMet: false, measured: Number.NaN };
  const measured = METRICS[threshold.metric](step);
  return { isMet: threshold.isBelow ? measured < threshold.limit : measured > threshold.limit, measured };
}
