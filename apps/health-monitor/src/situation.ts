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

/** The others of a target's group. */
export const twinsOf = (target: Target, targets: readonly Target[]): readonly Target[] =>
  targets.filter(({ name, group }) => group === target.group && name !== target.name);
