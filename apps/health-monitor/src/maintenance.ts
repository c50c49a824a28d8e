import type { KeptDecision } from './kept-decision.js';

/** In place of a target: all of them. */
export const EVERYTHING = 'all';

/** What people work on now, by the newest word on it. Pure. */
export function workedOn(decisions: readonly KeptDecision[], wallMs: number): ReadonlySet<string> | 'all' {
  const newest = decisions.findLast(({ maintenance }) => maintenance !== undefined)?.maintenance;
  if (!newest || Date.parse(newest.until) <= wallMs) return new Set();
  return newest.targets.includes(EVERYTHING) ? 'all' : new Set(newest.targets);
}
