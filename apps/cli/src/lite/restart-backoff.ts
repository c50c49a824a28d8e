const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
/** A process that was up for this long has recovered: its next death is a new story. */
const RECOVERED_AFTER_MS = 10_000;

/** How long to wait before a process that exited is started again: 1 s, doubled up to 30 s, 1 s again after it was healthy. */
export class RestartBackoff {
  private nextMs = FIRST_DELAY_MS;

  /** @param healthyForMs how long the process had been ready when it exited; 0 when it never was */
  delayAfterExit(healthyForMs: number): number {
    if (healthyForMs >= RECOVERED_AFTER_MS) this.nextMs = FIRST_DELAY_MS;
    const delayMs = this.nextMs;
    this.nextMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    return delayMs;
  }
}
