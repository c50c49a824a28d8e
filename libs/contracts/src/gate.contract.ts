import { z } from 'zod';

/** Prefix of jobs for the restart gates in etcd. */
export const GATE_JOBS = '/twofold/jobs/';
/** Prefix of what became of them. */
export const GATE_RESULTS = '/twofold/gate/results/';
/** Key that the leading monitor holds; its create revision is the fencing token. */
export const MONITOR_LEADER = '/twofold/monitor/leader';
/** Prefix of the names of instances that take no work: value `yes`. */
export const SET_ASIDE = '/twofold/set-aside/';
/** Name of the probe by which an instance that was set aside is not ready. */
export const SET_ASIDE_PROBE = 'set-aside';

/** Outcome of a `start` of what runs: the engine has started it, or it never ended. */
export const RUNS_ALREADY = 'runs already';

/** What the leading monitor wants done. Nothing else can be asked for. */
export const gateJob = z.strictObject({
  id: z.uuid(),
  /** Fencing token of the term in which it was decided (R22). */
  token: z.string().regex(/^\d{1,20}$/),
  verb: z.enum(['restart', 'start', 'switchover', 'reinitialize']),
  /** A service of the topology, as in `order-1`; for `switchover` the node that leads now. */
  target: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
});
/** @see gateJob */
export type GateJob = z.infer<typeof gateJob>;

/** What became of a job: `done`, or why not. */
export const gateResult = z.strictObject({ gate: z.string(), outcome: z.string() });
/** @see gateResult */
export type GateResult = z.infer<typeof gateResult>;
