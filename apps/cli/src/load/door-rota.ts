/** How long a door that gave no answer is left out before one request tries it again. */
export const PASS_OVER_MS = 2_000;

/**
 * Doors in turn. One that gave no answer is passed over for {@link PASS_OVER_MS}, then tried by a single request: without
 * that, half of all requests would wait a whole attempt at the door of a site that is gone. When none answers, all are asked
 * in turn as ever.
 */
export class DoorRota<Door> {
  private readonly silentUntilMs = new Map<Door, number>();
  private turn = 0;

  constructor(
    private readonly doors: readonly Door[],
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Door for the next attempt: the one after `previous`, or whose turn it is for a first attempt. */
  next(previous?: Door): Door {
    const first = previous === undefined ? this.turn++ : this.doors.indexOf(previous) + 1;
    const inTurn = this.doors.map((_, index) => this.doors[(first + index) % this.doors.length] as Door);
    const door = inTurn.find((candidate) => this.isWorthTrying(candidate)) ?? (inTurn[0] as Door);
    if (this.silentUntilMs.has(door)) this.passOver(door);
    return door;
  }

  /** `door` answered, whatever it said. */
  answered(door: Door): void {
    this.silentUntilMs.delete(door);
  }

  /** `door` refused, broke off or kept silent. */
  passOver(door: Door): void {
    this.silentUntilMs.set(door, this.nowMs() + PASS_OVER_MS);
  }

  private isWorthTrying(door: Door): boolean {
    return (this.silentUntilMs.get(door) ?? 0) <= this.nowMs();
  }
}
