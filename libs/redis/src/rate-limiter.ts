/** Answer of {@link RateLimiter.take}; `retryAfterMs` (at least 1) says when the next one has a chance. */
export type RateDecision = { allowed: true } | { allowed: false; retryAfterMs: number };

/**
 * Counts calls per key over a sliding window. Fails open: whoever cannot be counted is let through, because a lost counter
 * must not stop a shop.
 */
export abstract class RateLimiter {
  /**
   * Takes one of `limit` calls (1 to 1,000,000) that `key` has in any `windowMs` (100 to 3,600,000).
   * Never rejects. Overshoot at a window's edge is bounded by the approximation of {@link slide}.
   */
  abstract take(key: string, limit: number, windowMs: number): Promise<RateDecision>;
}

/** Two neighbouring fixed windows: enough to estimate any window that slides over them. */
export type Window = { startedAtMs: number; current: number; previous: number };

/** The window pair moved on to `nowMs`. */
export function slide(window: Window | undefined, nowMs: number, windowMs: number): Window {
  const startedAtMs = nowMs - (nowMs % windowMs);
  if (window?.startedAtMs === startedAtMs) return window;
  const isNeighbour = window?.startedAtMs === startedAtMs - windowMs;
  return { startedAtMs, current: 0, previous: isNeighbour ? window.current : 0 };
}

/**
 * Whether one more call fits: the previous window counts with the share of it that still lies in the sliding one.
 * @see https://blog.cloudflare.com/counting-things-a-lot-of-different-things/ wrong for 0.003 % of requests there
 */
export function decide(window: Window, nowMs: number, limit: number, windowMs: number): RateDecision {
  const elapsedMs = nowMs - window.startedAtMs;
  const used = window.previous * (1 - elapsedMs / windowMs) + window.current;
  if (used + 1 <= limit) return { allowed: true };
  const retryAfterMs = roomAt(window, limit, windowMs) - elapsedMs;
  return { allowed: false, retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) };
}

/** When, in ms since the window's start, the estimate has fallen so far that one more fits. */
function roomAt(window: Window, limit: number, windowMs: number): number {
  const room = limit - 1 - window.current;
  if (room >= 0) return windowMs * (1 - room / window.previous);
  return windowMs + windowMs * (1 - (limit - 1) / window.current);
}
