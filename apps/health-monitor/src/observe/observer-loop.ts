import type { Observation } from '../observation.js';
import type { Observer } from './observer.js';

/** Time between the starts of two looks; a look that takes longer delays only its own next one. */
export type ObserverLoopOptions = { readonly intervalMs: number; readonly onSeen: (seen: Observation) => void };

/** Looks at each target at its own pace, so that one that hangs delays no other. */
export class ObserverLoop {
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(
    private readonly observers: readonly Observer[],
    private readonly options: ObserverLoopOptions,
  ) {}

  /** Begins, spread over one interval. */
  start(): void {
    const { length } = this.observers;
    for (const [index, observer] of this.observers.entries())
      this.after((this.options.intervalMs * index) / length, observer);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.observers.map((observer) => observer.close()));
  }

  private after(ms: number, observer: Observer): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.look(observer);
    }, ms);
    this.timers.add(timer);
  }

  private async look(observer: Observer): Promise<void> {
    const sinceMs = performance.now();
    const seen = await observer.look();
    if (this.stopped) return;
    this.options.onSeen(seen);
    this.after(Math.max(50, this.options.intervalMs - (performance.now() - sinceMs)), observer);
  }
}
