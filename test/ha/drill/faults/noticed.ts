import type { Fault } from '../fault.js';

/** Of a killed member of ours: a start beside 50 orders a second on two full cores takes longer than on an idle machine. */
export const KILLED_NOTICED: NonNullable<Fault['monitor']> = { suspectsWithinMs: 2_000, recoversWithinMs: 20_000 };
/** Of a frozen one: each look waits 1 s for it, and three looks in a row must fail. */
export const FROZEN_NOTICED: NonNullable<Fault['monitor']> = { suspectsWithinMs: 4_000, recoversWithinMs: 30_000 };
/** Of one that answers its health checks and no customer: only its callers notice, when they give up waiting after 3 s. */
export const GRAY_NOTICED: NonNullable<Fault['monitor']> = { suspectsWithinMs: 7_000, recoversWithinMs: 30_000 };
