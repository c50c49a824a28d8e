/**
 * How old jobs are, by our own monotonic clock alone: a job that was not there at the last look is younger than that look.
 * So no clock of another machine can make an old job young, nor can our own having been frozen.
 */
export class JobAges {
  private readonly notBefore = new Map<string, number>();
  private lastLookMs = Number.NEGATIVE_INFINITY;

  /** Takes in the ids found by a look that began at `lookMs`. */
  see(ids: readonly string[], lookMs: number): void {
    for (const id of ids) if (!this.notBefore.has(id)) this.notBefore.set(id, this.lastLookMs);
    for (const id of this.notBefore.keys()) if (!ids.includes(id)) this.notBefore.delete(id);
    this.lastLookMs = lookMs;
  }

  /** At most so old; infinite for what was there before our first look. */
  ageMs(id: string, nowMs: number): number {
    return nowMs - (this.notBefore.get(id) ?? Number.NEGATIVE_INFINITY);
  }
}
