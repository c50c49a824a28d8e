import type { Tally } from './callers-word.js';

/**
 * What a look at a target found. `well`: it answers and can serve; `unready`: it answers and cannot; `silent`: nothing came
 * back in time, as from a frozen process; `gone`: nobody listens, as after a crash; `unreachable`: no connection comes about, as
 * with a container that has ended or a site that is cut off.
 */
export type Outcome = 'well' | 'unready' | 'silent' | 'gone' | 'unreachable';

/** One look at one target. */
export type Observation = {
  readonly target: string;
  /** When the look began, on this process's monotonic clock. */
  readonly atMs: number;
  readonly outcome: Outcome;
  /** For people: `no answer within 1000 ms`. */
  readonly detail: string;
  /** Changes with every start of the process. Unknown while it does not answer, unless its engine tells. */
  readonly life?: string | undefined;
  /** Its engine (the launcher) has noticed and is starting it again. */
  readonly inHand?: boolean | undefined;
  /** `unready` by its callers' word, although it says itself that it is well. */
  readonly accused?: boolean | undefined;
  /** What it has counted of those it calls. */
  readonly tallies?: readonly Tally[] | undefined;
  /** Roles, lags, sizes: for reports and people. */
  readonly facts?: Facts | undefined;
};

/** Named findings about a target. */
export type Facts = Readonly<Record<string, string | number | boolean>>;
