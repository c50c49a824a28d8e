/** The numbers behind every decision. */
export type Policy = {
  /** Looks in a row without a well answer before something is done. The first makes it a suspect. */
  readonly failuresToAct: number;
  /** Good looks in a row before a suspect counts as recovered. */
  readonly goodsToRecover: number;
  /** Restarts of one target within the window; after them its twin takes over and a person is called. */
  readonly maxRestarts: number;
  readonly restartWindowMs: number;
  /** Wait after a restart before the next of the same target: doubled each time. */
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** A restarted process that is not well after this has not been cured by it. */
  readonly checkPatienceMs: number;
  /** How long a start may take, which leaves nobody listening: beside a system that has only just started, over 20 s. */
  readonly startPatienceMs: number;
  /** So long a silent one is waited for while its twins are away: it bears their load, and may only be slow. */
  readonly lonelyPatienceMs: number;
  /** A process that answers but cannot serve, while its twin can, is restarted after this. */
  readonly unreadyPatienceMs: number;
  /** The same for one that is unready by its callers' word alone: nothing will leave it out but a restart. */
  readonly accusedPatienceMs: number;
  /** So long the failover of the database goes before starts and restarts of services. */
  readonly failoverPatienceMs: number;
  /** A member of the data tier is left to its own failover for this long. */
  readonly dataDarkMs: number;
  /** A life that was well for less than this was no life: it counts for the crash loop. */
  readonly settledAfterMs: number;
  /** Share of sick targets above which the fault is elsewhere, maybe with us, and nothing is done. */
  readonly maxSickShare: number;
  /** After so many sick targets are well again, this long nothing is restarted. */
  readonly calmAfterMs: number;
  /** A target that was never seen well is no suspect in this time after we began to look. */
  readonly startGraceMs: number;
  /** An instance that was set aside takes work again after it was well for this long. */
  readonly returnAfterMs: number;
};

/** What the system runs with. */
export const defaultPolicy: Policy = {
  failuresToAct: 3,
  goodsToRecover: 2,
  maxRestarts: 3,
  restartWindowMs: 300_000,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  checkPatienceMs: 20_000,
  startPatienceMs: 40_000,
  lonelyPatienceMs: 8_000,
  unreadyPatienceMs: 30_000,
  accusedPatienceMs: 5_000,
  failoverPatienceMs: 15_000,
  dataDarkMs: 60_000,
  settledAfterMs: 2_000,
  maxSickShare: 0.5,
  calmAfterMs: 10_000,
  startGraceMs: 120_000,
  returnAfterMs: 60_000,
};

/** Wait after the `count`-th restart within the window: 1, 2, 4 … 60 s. */
export function backoffMs(count: number, policy: Policy): number {
  return Math.min(policy.maxBackoffMs, policy.firstBackoffMs * 2 ** Math.max(0, count - 1));
}
