import type { Target } from '#libs/contracts';
import type { Situation } from './situation.js';
import { blank } from './target-history.js';

/** The others of a target's group. */
export const twinsOf = (target: Target, targets: readonly Target[]): readonly Target[] =>
  targets.filter(({ name, group }) => group === target.group && name !== target.name);

/** Whether it has twins, and all of them can serve: a process that still answers is ended only then (never below N-1). */
export function areTwinsWell(target: Target, situation: Situation): boolean {
  const twins = twinsOf(target, situation.targets);
  return twins.length > 0 && twins.every((twin) => canServe(twin, situation));
}

/** Whether another of its group can serve in its place. */
export const hasWellTwin = (target: Target, situation: Situation): boolean =>
  twinsOf(target, situation.targets).some((twin) => canServe(twin, situation));

function canServe({ name }: Target, { histories }: Situation): boolean {
  const { latest, failures, switchedMs } = histories.get(name) ?? blank;
  return latest !== undefined && failures === 0 && switchedMs === undefined;
}
