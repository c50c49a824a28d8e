import { isPoison, MAX_POISON_ATTEMPTS } from '../poison.js';
import { backOffMs } from './back-off.js';

/** First and longest pause of a lane whose record failed, in ms. */
export const FIRST_PAUSE_MS = 100;
/** @see FIRST_PAUSE_MS */
export const MAX_PAUSE_MS = 5_000;

/** What to do about a failed record. */
export type Verdict = { readonly kind: 'retry'; readonly afterMs: number } | { readonly kind: 'dead-letter' };

/** Counts the failures of the record a lane stands at (R15). */
export class Attempts {
  private failures = 0;
  private poisonFailures = 0;

  /** Number of the coming attempt, from 1. */
  get next(): number {
    return this.failures + 1;
  }

  /** The record is done. */
  reset(): void {
    this.failures = 0;
    this.poisonFailures = 0;
  }

  /** The record failed by `error`. */
  failed(error: unknown): Verdict {
    this.failures += 1;
    if (isPoison(error)) this.poisonFailures += 1;
    if (this.poisonFailures >= MAX_POISON_ATTEMPTS) return { kind: 'dead-letter' };
    return { kind: 'retry', afterMs: backOffMs(this.failures, FIRST_PAUSE_MS, MAX_PAUSE_MS) };
  }
}
