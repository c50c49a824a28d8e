import { switchedOff } from '#libs/drill';

/** Row one of a relay's look. */
export type HorizonRow = { readonly id: number; readonly noted: number; readonly xid: string };

const FIRST_RECHECK_MS = 4;
const MAX_RECHECK_MS = 100;

/**
 * Up to which id reading is safe (R12), and the pair (`noted`, `xid`) that will make it safe further on. Holds for one
 * unbroken series of looks: forget it after any failure.
 */
export class Horizon {
  safe = 0;
  noted = 0;
  xid = '0';
  private waitingSinceMs: number | undefined;
  private rechecks = 0;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.forget();
  }

  /** Starts anew, as after a reconnect. */
  forget(): void {
    this.safe = switchedOff('outbox-horizon') ? Number.MAX_SAFE_INTEGER : 0;
    this.noted = 0;
    this.xid = '0';
    this.waitingSinceMs = undefined;
    this.rechecks = 0;
  }

  /** Takes over what a look found. */
  advance(row: HorizonRow): void {
    const hasMoved = row.id > this.safe;
    this.safe = row.id;
    this.noted = row.noted;
    this.xid = row.noted > row.id ? row.xid : '0';
    this.rechecks = this.isWaiting && !hasMoved ? this.rechecks + 1 : 0;
    if (!this.isWaiting || hasMoved) this.waitingSinceMs = this.isWaiting ? this.now() : undefined;
    else this.waitingSinceMs ??= this.now();
  }

  /** Whether ids are drawn that a running transaction still keeps from being safe. */
  get isWaiting(): boolean {
    return this.noted > this.safe;
  }

  /** How long the horizon has not moved although ids wait behind it, in ms. */
  get waitMs(): number {
    return this.waitingSinceMs === undefined ? 0 : this.now() - this.waitingSinceMs;
  }

  /** When to look again because of the wait: soon, for most transactions are over in a few ms. */
  get recheckMs(): number {
    return this.isWaiting ? Math.min(MAX_RECHECK_MS, FIRST_RECHECK_MS * 2 ** this.rechecks) : Number.POSITIVE_INFINITY;
  }
}
