/** How a {@link WakeLoop} paces itself. */
export type WakeLoopOptions = {
  /** Does one round and says after how many ms the next one is due when nobody wakes the loop. Must not reject. */
  readonly step: () => Promise<number>;
  /** Least time between the starts of two rounds, in ms: a burst of wake-ups becomes one round. */
  readonly lingerMs: number;
};

/**
 * Runs rounds one after the other: at once when woken, else when the last one said. A wake-up during a round is not lost.
 */
export class WakeLoop {
  private woken = false;
  private stopping = false;
  private wakeSleeper: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly options: WakeLoopOptions) {}

  /** Starts with a round. */
  start(): void {
    this.running ??= this.run();
  }

  /** Asks for a round now. */
  wake(): void {
    this.woken = true;
    this.wakeSleeper?.();
  }

  /** Resolves when the last round has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeSleeper?.();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      const startedAt = performance.now();
      const dueMs = await this.options.step();
      await this.sleepUntil(startedAt + this.options.lingerMs, false);
      await this.sleepUntil(performance.now() + dueMs, true);
    }
  }

  private async sleepUntil(atMs: number, wakeable: boolean): Promise<void> {
    const delayMs = atMs - performance.now();
    if (delayMs <= 0 || this.stopping || (wakeable && this.woken)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.wakeSleeper = () => {
        if (!wakeable && !this.stopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeSleeper = undefined;
  }
}
