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

  /** What heals by itself is looked at half as often; but on nodes of the database depends what is done about services. */
  private intervalOf({ target }: Observer): number {
    const isPatient = target.tier === 'data' && target.group !== 'postgres';
    return isPatient ? 2 * this.options.intervalMs : this.options.intervalMs;
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
    this.after(Math.max(50, this.intervalOf(observer) - (performance.now() - sinceMs)), observer);
  }
}
