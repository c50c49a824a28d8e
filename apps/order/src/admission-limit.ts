/** Numbers of {@link AdmissionLimit}. */
export type AdmissionSettings = {
  /** Most orders that wait or are being placed, whatever happens. */
  readonly maxOrders: number;
  /** Wait that a standing queue is cut down to. */
  readonly targetWaitMs: number;
  /** How long a queue may stand above the target before it counts as overload rather than as a burst. */
  readonly burstMs: number;
};

/** Never cut the queue below this: smaller batches cost more per order than they save in waiting. */
const MIN_ORDERS = 64;
/** Weight of the newest batch in the average rate. */
const RATE_WEIGHT = 0.1;

/**
 * Bounds the queue in front of placement by the wait it causes. A burst may fill the queue; one that stands for longer
 * than `burstMs` is overload, and then only as many orders are let in as are placed within `targetWaitMs`. While the
 * database fails over no batch returns, nothing is measured, and orders wait up to `maxOrders` (R11).
 * @see https://queue.acm.org/detail.cfm?id=2209336 Controlling Queue Delay
 */
export class AdmissionLimit {
  private inside = 0;
  private ratePerMs = 0;
  private standingSinceMs: number | undefined;
  private lastBatchAtMs: number | undefined;

  constructor(
    private readonly settings: AdmissionSettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Orders inside. */
  get orders(): number {
    return this.inside;
  }

  /** Most orders that are let in now. */
  get limit(): number {
    if (!this.isOverloaded()) return this.settings.maxOrders;
    const affordable = Math.round(this.ratePerMs * this.settings.targetWaitMs);
    return Math.min(Math.max(affordable, MIN_ORDERS), this.settings.maxOrders);
  }

  /** Lets one in, or not; whoever is in must {@link leave}. */
  tryEnter(): boolean {
    if (this.inside >= this.limit) return false;
    this.inside++;
    return true;
  }

  leave(): void {
    this.inside--;
  }

  /** A batch came back whose oldest order had waited so long to be sent. */
  batchReturned(orders: number, oldestWaitMs: number): void {
    const nowMs = this.now();
    const sinceMs = nowMs - (this.lastBatchAtMs ?? nowMs);
    this.lastBatchAtMs = nowMs;
    // Half: a queue that is held at the target must not count as gone.
    if (oldestWaitMs < this.settings.targetWaitMs / 2) this.standingSinceMs = undefined;
    else if (oldestWaitMs > this.settings.targetWaitMs) this.standingSinceMs ??= nowMs;
    // Between batches that followed each other at once, for else this would be the rate of arrival.
    if (sinceMs > 0 && oldestWaitMs >= sinceMs / 2) {
      const rate = orders / sinceMs;
      this.ratePerMs = this.ratePerMs === 0 ? rate : this.ratePerMs * (1 - RATE_WEIGHT) + rate * RATE_WEIGHT;
    }
  }

  private isOverloaded(): boolean {
    return this.standingSinceMs !== undefined && this.now() - this.standingSinceMs >= this.settings.burstMs;
  }
}
