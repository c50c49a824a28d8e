/** How long a door that cannot serve is left out before one request tries it again. */
export const PASS_OVER_MS = 2_000;

/**
 * Doors in turn. One that is silent or answers 503 is passed over for {@link PASS_OVER_MS}, then tried by a single request:
 * without that, half of all requests would lose an attempt at the door of a site that is gone or cut off. When none
 * serves, all are asked in turn as ever.
 */
export class DoorRota<Door> {
  private readonly leftOutUntilMs = new Map<Door, number>();
  private turn = 0;

  constructor(
    private readonly doors: readonly Door[],
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Door for the next attempt: the one after `previous`, or whose turn it is for a first attempt. */
  next(previous?: Door): Door {
    const first = previous === undefined ? this.turn++ : this.doors.indexOf(previous) + 1;
    const inTurn = this.doors.map((_, index) => this.doorAt(first + index));
    const door = inTurn.find((candidate) => this.isWorthTrying(candidate)) ?? this.doorAt(first);
    if (this.leftOutUntilMs.has(door)) this.passOver(door);
    return door;
  }

  /** Whether a door other than `door` is in the rota: then what `door` asks for, as a `Retry-After`, binds nobody else. */
  hasOtherThan(door: Door): boolean {
    return this.doors.some((other) => other !== door && this.isWorthTrying(other));
  }

  /** `door` serves, or says of the request itself why not. */
  serves(door: Door): void {
    this.leftOutUntilMs.delete(door);
  }

  /** `door` refused, broke off, kept silent or said 503. */
  passOver(door: Door): void {
    this.leftOutUntilMs.set(door, this.nowMs() + PASS_OVER_MS);
  }

  private doorAt(turn: number): Door {
    return this.doors[turn % this.doors.length] as Door;
  }

  private isWorthTrying(door: Door): boolean {
    return (this.leftOutUntilMs.get(door) ?? 0) <= this.nowMs();
  }
}
