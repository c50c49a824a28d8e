import { build, type Histogram } from 'hdr-histogram-js';

/** Longest latency told apart, in µs. */
const MAX_TRACKABLE_US = 120_000_000;

/** How one kind of request went. */
export type StepFigures = {
  name: string;
  count: number;
  failed: number;
  perSecond: number;
  meanMs: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
  statuses: Record<string, number>;
};

type Step = { histogram: Histogram; failed: number; statuses: Map<string, number> };

/** Latencies from the intended start, by kind of request and in all. */
export class LoadStatistics {
  private readonly steps = new Map<string, Step>();
  private readonly startedAtMs = performance.now();
  done = 0;
  failed = 0;

  /** `status` as text, with the problem code where there is one. */
  record(name: string, latencyMs: number, isFailed: boolean, status: string): void {
    this.done += 1;
    if (isFailed) this.failed += 1;
    this.add('all', latencyMs, isFailed, status);
    this.add(name, latencyMs, isFailed, status);
  }

  /** `all` first, the kinds in order of first appearance. */
  figures(): StepFigures[] {
    const seconds = (performance.now() - this.startedAtMs) / 1_000;
    return [...this.steps].map(([name, step]) => figuresOf(name, step, seconds));
  }

  private add(name: string, latencyMs: number, isFailed: boolean, status: string): void {
    const step = this.step(name);
    step.histogram.recordValue(Math.min(MAX_TRACKABLE_US, Math.max(1, Math.round(latencyMs * 1_000))));
    if (isFailed) step.failed += 1;
    step.statuses.set(status, (step.statuses.get(status) ?? 0) + 1);
  }

  private step(name: string): Step {
    const known = this.steps.get(name);
    if (known) return known;
    const histogram = build({ highestTrackableValue: MAX_TRACKABLE_US, numberOfSignificantValueDigits: 3 });
    const step: Step = { histogram, failed: 0, statuses: new Map() };
    this.steps.set(name, step);
    return step;
  }
}

function figuresOf(name: string, { histogram, failed, statuses }: Step, seconds: number): StepFigures {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1_000;
  return {
    name,
    count: histogram.totalCount,
    failed,
    perSecond: histogram.totalCount / seconds,
    meanMs: histogram.mean / 1_000,
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: histogram.maxValue / 1_000,
    statuses: Object.fromEntries([...statuses].sort(([a], [b]) => Number(a) - Number(b))),
  };
}
