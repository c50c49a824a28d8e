/** Beats of the meter; it is also the granularity at which staleness is noticed. */
export const BEAT_MS = 100;
/** A verdict made while the event loop was later than this is void (R10). */
export const MAX_LAG_MS = 300;

/** Notices when the own event loop was held up: by a long computation, or because the process was stopped. */
export class LoopMeter {
  private lastBeatMs = performance.now();
  private lastLagMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  start(onBeat: () => void): void {
    this.lastBeatMs = performance.now();
    this.timer = setInterval(() => {
      this.beat();
      onBeat();
    }, BEAT_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Whether the loop was held up at any time since `sinceMs`, up to and including right now. */
  laggedSince(sinceMs: number): boolean {
    // After a stop, sockets are served before timers: so the beat that is overdue counts too.
    this.notice();
    return this.lastLagMs >= sinceMs;
  }

  private beat(): void {
    this.notice();
    this.lastBeatMs = performance.now();
  }

  private notice(): void {
    const nowMs = performance.now();
    if (nowMs - this.lastBeatMs > BEAT_MS + MAX_LAG_MS) this.lastLagMs = nowMs;
  }
}
