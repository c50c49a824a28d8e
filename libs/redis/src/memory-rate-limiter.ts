import { decide, type RateDecision, RateLimiter, slide, type Window } from './rate-limiter.js';

/** Most keys remembered; the one that rolled over longest ago is forgotten first (and so let through). */
export const MAX_LIMITED_KEYS = 100_000;

/** Limits within this process only: two processes together let twice as much through. */
export class MemoryRateLimiter extends RateLimiter {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly now: () => number = Date.now,
    private readonly maxKeys = MAX_LIMITED_KEYS,
  ) {
    super();
  }

  override async take(key: string, limit: number, windowMs: number): Promise<RateDecision> {
    const nowMs = this.now();
    const known = this.windows.get(key);
    const window = slide(known, nowMs, windowMs);
    const decision = decide(window, nowMs, limit, windowMs);
    if (decision.allowed) window.current += 1;
    if (window !== known) this.remember(key, window);
    return decision;
  }

  private remember(key: string, window: Window): void {
    this.windows.delete(key);
    this.windows.set(key, window);
    if (this.windows.size <= this.maxKeys) return;
    for (const oldest of this.windows.keys()) {
      this.windows.delete(oldest);
      return;
    }
  }
}
