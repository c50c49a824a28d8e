import type { Fault } from '../fault.js';

/** A start beside 50 orders a second, which fill two cores, takes many times as long as on an idle machine. */
const STARTED_WITHIN_MS = 30_000;

/** Of a killed member of ours: 2 s, and what the engine takes to kill it. */
export const KILLED_NOTICED: NonNullable<Fault['monitor']> = {
  suspectsWithinMs: 2_500,
  recoversWithinMs: STARTED_WITHIN_MS,
};
/** Of a frozen one: each look waits 1 s for it, and three looks in a row must fail. */
export const FROZEN_NOTICED: NonNullable<Fault['monitor']> = {
  suspectsWithinMs: 4_000,
  recoversWithinMs: STARTED_WITHIN_MS,
};
/** Of one that answers its health checks and no customer: only its callers notice, when they give up waiting after 3 s. */
export const GRAY_NOTICED: NonNullable<Fault['monitor']> = {
  suspectsWithinMs: 7_000,
  recoversWithinMs: STARTED_WITHIN_MS,
};
