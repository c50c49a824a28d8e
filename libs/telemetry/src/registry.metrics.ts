import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

const PREFIX = 'twofold_';
/** Sampling the event loop more finely than this is itself load on an idle process. */
const EVENT_LOOP_PRECISION_MS = 50;

const registry = new Registry();

/** From 1 ms to 10 s: what a request or a call may take. */
export const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A count that only grows: `twofold_<name>`, which ends in `_total`. The same name gives the same counter. */
export function counter<L extends string = string>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
  const existing = registry.getSingleMetric(PREFIX + name);
  if (existing) return existing as Counter<L>;
  return new Counter({ name: PREFIX + name, help, labelNames: [...labels], registers: [registry] });
}

/**
 * A value that goes up and down: `twofold_<name>`, with its unit last. The same name gives the same gauge.
 * @param collect called at each scrape, to set the value then
 */
export function gauge<L extends string = string>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  collect?: (gauge: Gauge<L>) => void | Promise<void>,
): Gauge<L> {
  const existing = registry.getSingleMetric(PREFIX + name);
  if (existing) return existing as Gauge<L>;
  const made: Gauge<L> = new Gauge({
    name: PREFIX + name,
    help,
    labelNames: [...labels],
    registers: [registry],
    ...(collect && { collect: () => collect(made) }),
  });
  return made;
}

/**
 * A distribution: `twofold_<name>`, with its unit last. The same name gives the same histogram.
 * @param buckets upper bounds @default DURATION_BUCKETS_SECONDS
 */
export function histogram<L extends string = string>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  buckets: readonly number[] = DURATION_BUCKETS_SECONDS,
): Histogram<L> {
  const existing = registry.getSingleMetric(PREFIX + name);
  if (existing) return existing as Histogram<L>;
  return new Histogram({
    name: PREFIX + name,
    help,
    labelNames: [...labels],
    buckets: [...buckets],
    registers: [registry],
  });
}

let collecting = false;

/** Starts the metrics every process has: memory, CPU, event loop, garbage collection, handles. Once per process. */
export function collectProcessMetrics(): void {
  if (collecting) return;
  collecting = true;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
}

/** All metrics in Prometheus' text format, with the media type to send them as. */
export async function metricsText(): Promise<{ text: string; contentType: string }> {
  return { text: await registry.metrics(), contentType: registry.contentType };
}
