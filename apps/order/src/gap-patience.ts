/** Events that wait at the same time: one per lane and topic is all there can be; more are forgotten, oldest first. */
const MAX_WAITING = 1_000;

/** How long events have waited for an earlier one, in this process. A new owner of the lane starts to count again. */
export class GapPatience {
  private readonly since = new Map<string, number>();

  constructor(
    private readonly waitMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether the event has waited long enough. The first call starts the wait. */
  isOver(eventId: string): boolean {
    const startedMs = this.since.get(eventId);
    if (startedMs !== undefined) return this.now() - startedMs >= this.waitMs;
    for (const oldest of this.since.size >= MAX_WAITING ? this.since.keys().take(1) : []) this.since.delete(oldest);
    this.since.set(eventId, this.now());
    return this.waitMs === 0;
  }

  forget(eventId: string): void {
    this.since.delete(eventId);
  }
}
