import type { Observation } from './observation.js';
import type { Policy } from './policy.js';

/** What is remembered of one target. Times are of this process's monotonic clock, in ms. */
export type TargetHistory = {
  readonly latest?: Observation;
  /** Looks in a row that did not find it well. */
  readonly failures: number;
  /** Looks in a row that did. */
  readonly goods: number;
  readonly failingSinceMs?: number | undefined;
  readonly wellSinceMs?: number | undefined;
  /** Looks in a row that got no answer at all. */
  readonly darkLooks: number;
  /** Since when nothing answers at all. */
  readonly darkSinceMs?: number | undefined;
  /** Since when only its callers complain. */
  readonly accusedSinceMs?: number | undefined;
  readonly lastWellMs?: number | undefined;
  /** Set while an incident is open. */
  readonly suspectedMs?: number | undefined;
  readonly life?: string | undefined;
  readonly lifeSettled: boolean;
  /** Ends of lives, whoever ended them. */
  readonly deathsMs: readonly number[];
  /** Ends of lives that never settled, since the last one that did. */
  readonly shortLivesMs: readonly number[];
  /** Restarts that we asked for. */
  readonly restartsMs: readonly number[];
  /** When it was last asked to be started. */
  readonly startAskedMs?: number | undefined;
  /** Starts that found it running, since it last answered: its engine starts it in vain, or it is cut off. */
  readonly foundRunning: number;
  /** A restart that is not known yet to have helped. */
  readonly restartingMs?: number | undefined;
  /** Set aside: its twin serves alone. */
  readonly switchedMs?: number | undefined;
};

/** Nothing known yet. */
export const blank: TargetHistory = {
  failures: 0,
  goods: 0,
  darkLooks: 0,
  lifeSettled: false,
  deathsMs: [],
  shortLivesMs: [],
  restartsMs: [],
  foundRunning: 0,
};

/** Ends of lives kept at most: the window never needs more. */
const MAX_KEPT = 20;

/** Adds a look to the memory. Pure. */
export function remember(history: TargetHistory, seen: Observation, policy: Policy): TargetHistory {
  const lived = withLife(history, seen, policy);
  return seen.outcome === 'well' ? withGood(lived, seen, policy) : withFailure(lived, seen);
}

function withGood(history: TargetHistory, seen: Observation, policy: Policy): TargetHistory {
  const wellSinceMs = history.wellSinceMs ?? seen.atMs;
  const settled = seen.atMs - wellSinceMs >= policy.settledAfterMs;
  return {
    ...history,
    latest: seen,
    failures: 0,
    goods: history.goods + 1,
    wellSinceMs,
    lastWellMs: seen.atMs,
    failingSinceMs: undefined,
    accusedSinceMs: undefined,
    darkLooks: 0,
    darkSinceMs: undefined,
    foundRunning: 0,
    lifeSettled: history.lifeSettled || settled,
    shortLivesMs: settled ? [] : history.shortLivesMs,
  };
}

function withFailure(history: TargetHistory, seen: Observation): TargetHistory {
  const dark = seen.outcome !== 'unready';
  return {
    ...history,
    latest: seen,
    failures: history.failures + 1,
    goods: 0,
    wellSinceMs: undefined,
    failingSinceMs: history.failingSinceMs ?? seen.atMs,
    accusedSinceMs: seen.accused ? (history.accusedSinceMs ?? seen.atMs) : undefined,
    darkLooks: dark ? history.darkLooks + 1 : 0,
    darkSinceMs: dark ? (history.darkSinceMs ?? seen.atMs) : undefined,
    foundRunning: dark ? history.foundRunning : 0,
  };
}

function withLife(history: TargetHistory, { life, atMs }: Observation, { restartWindowMs }: Policy): TargetHistory {
  if (life === undefined || life === history.life) return history;
  if (history.life === undefined) return { ...history, life };
  const recent = (times: readonly number[]) =>
    times.filter((time) => atMs - time < restartWindowMs).slice(-(MAX_KEPT - 1));
  return {
    ...history,
    life,
    lifeSettled: false,
    wellSinceMs: undefined,
    deathsMs: [...recent(history.deathsMs), atMs],
    shortLivesMs: history.lifeSettled ? [] : [...recent(history.shortLivesMs), atMs],
  };
}

/** After so many were sick that the fault was elsewhere, what was seen then counts for nobody's restart. */
export const forgive = (history: TargetHistory): TargetHistory => ({
  ...history,
  failures: Math.min(history.failures, 1),
  failingSinceMs: undefined,
  accusedSinceMs: undefined,
  darkLooks: 0,
  darkSinceMs: undefined,
  foundRunning: 0,
});

/** Our restarts of the target that still count. */
export const restartsWithin = ({ restartsMs }: TargetHistory, nowMs: number, { restartWindowMs }: Policy): number =>
  restartsMs.filter((time) => nowMs - time < restartWindowMs).length;
