import { setTimeout as sleep } from 'node:timers/promises';

/** Most requests in flight; more arrivals are counted as not sent, and the run as not valid. */
export const MAX_IN_FLIGHT = 20_000;
/** Longest sleep between looks at the clock. */
const MAX_SLEEP_MS = 10;

/** What became of the plan. */
export type LoopEnd = { sent: number; notSent: number; maxLateMs: number };

export type OpenLoop = {
  /** Intended starts in ms since the run's start, ascending. */
  arrivals: Iterable<number>;
  /** Performs one request; `startAtMs` is its intended start on the clock of `performance.now()`. Never rejects. */
  perform: (startAtMs: number) => Promise<void>;
  maxInFlight?: number;
  signal?: AbortSignal;
};

/**
 * Starts every request at its intended time whether or not earlier ones were answered. A server that freezes is asked on, and
 * the requests it kept waiting count with all of their waiting: no coordinated omission.
 */
export async function runOpenLoop({
  arrivals,
  perform,
  maxInFlight = MAX_IN_FLIGHT,
  signal,
}: OpenLoop): Promise<LoopEnd> {
  const startedAtMs = performance.now();
  const inFlight = new Set<Promise<void>>();
  const end: LoopEnd = { sent: 0, notSent: 0, maxLateMs: 0 };
  for (const offsetMs of arrivals) {
    const startAtMs = startedAtMs + offsetMs;
    await sleepUntil(startAtMs);
    if (signal?.aborted) break;
    end.maxLateMs = Math.max(end.maxLateMs, performance.now() - startAtMs);
    if (inFlight.size >= maxInFlight) {
      end.notSent += 1;
      continue;
    }
    end.sent += 1;
    const request: Promise<void> = perform(startAtMs).finally(() => inFlight.delete(request));
    inFlight.add(request);
  }
  await Promise.all(inFlight);
  return end;
}

/** Timers of 1 ms are too coarse for thousands of starts a second: what is due within half a ms starts at once. */
async function sleepUntil(atMs: number): Promise<void> {
  for (;;) {
    const leftMs = atMs - performance.now();
    if (leftMs <= 0.5) return;
    await sleep(Math.min(MAX_SLEEP_MS, Math.max(1, Math.floor(leftMs))));
  }
}
