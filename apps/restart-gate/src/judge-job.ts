import type { GateJob, Target } from '#libs/contracts';

/** A job older than this may be wrong by now (R22). */
export const MAX_AGE_MS = 3_000;

/** All that decides whether a job is done. */
export type JobCase = {
  readonly job: GateJob;
  readonly ageMs: number;
  /** Token of the monitor that leads now, by a linearizable read; nothing when none does. */
  readonly leaderToken: string | undefined;
  readonly targets: readonly Target[];
  /** Who answers, of the target's group, the target included. */
  readonly answering: ReadonlySet<string>;
};

/**
 * Why a job is refused, or nothing when it may be done. Pure.
 * Never below N-1: a restart of something that still answers needs all others of its group to answer.
 */
export function refusalOf({ job, ageMs, leaderToken, targets, answering }: JobCase): string | undefined {
  if (leaderToken === undefined) return 'no monitor leads';
  if (BigInt(job.token) !== BigInt(leaderToken)) return `token ${job.token} is not of the present term, ${leaderToken}`;
  if (ageMs > MAX_AGE_MS) return `it may be older than ${MAX_AGE_MS} ms`;
  const target = targets.find(({ name }) => name === job.target);
  if (!target) return `${job.target} is not on the list`;
  // It ends nothing: what runs is left alone.
  if (job.verb === 'start') return undefined;
  if (job.verb !== 'restart') return target.group === 'postgres' ? undefined : `${job.verb} is for database nodes`;
  const others = targets.filter(({ group, name }) => group === target.group && name !== target.name);
  const missing = others.filter(({ name }) => !answering.has(name)).map(({ name }) => name);
  if (answering.has(target.name) && missing.length > 0)
    return `it still answers and ${missing.join(', ')} does not: fewer than all but one would be left`;
  return undefined;
}
