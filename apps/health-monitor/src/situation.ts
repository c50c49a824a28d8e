import type { Target } from '#libs/contracts';
import type { TargetHistory } from './target-history.js';

/** All that a decision may depend on. */
export type Situation = {
  readonly nowMs: number;
  /** When we began to look. */
  readonly sinceMs: number;
  readonly targets: readonly Target[];
  readonly histories: ReadonlyMap<string, TargetHistory>;
  /** Set while too many are sick; then until which time nothing is restarted. */
  readonly standingBack: boolean;
  readonly calmUntilMs: number;
  /** Targets that people work on, or all: nothing is done to them. */
  readonly maintenance: ReadonlySet<string> | 'all';
};
