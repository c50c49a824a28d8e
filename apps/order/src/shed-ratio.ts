/** What is never shed away: some orders must get through to see when it is over. */
const MAX_RATIO = 0.95;
/** Up fast, down slowly: so that the load that comes back does not tip the process over again. */
const STEP_UP = 0.1;
const STEP_DOWN = 0.02;
/** A burst may keep the event loop busy for so long before anybody is sent away. */
const BURST_MS = 1_500;

/**
 * Share of new orders to send away at the door, steered by how late the event loop runs: when a process is too busy to
 * read its sockets, requests grow old in the kernel where no queue limit sees them, and their clients are gone when they
 * are answered.
 * @see https://sre.google/sre-book/handling-overload/
 */
export class ShedRatio {
  private current = 0;
  private lateForMs = 0;

  /** @param targetLagMs lag that is held under overload; below half of it the door opens again */
  constructor(private readonly targetLagMs: number) {}

  get ratio(): number {
    return this.current;
  }

  /** The event loop was so late; called at regular times. */
  observe(lagMs: number): void {
    if (lagMs > this.targetLagMs) {
      this.lateForMs += lagMs;
      if (this.lateForMs > BURST_MS) this.current = Math.min(MAX_RATIO, this.current + STEP_UP);
    } else if (lagMs < this.targetLagMs / 2) {
      this.lateForMs = 0;
      this.current = Math.max(0, this.current - STEP_DOWN);
    }
  }
}
