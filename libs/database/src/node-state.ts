/** What a node said of itself. */
export type NodeReport = {
  readonly role: 'primary' | 'standby';
  /** Counts promotions: a node on a lower one than the highest seen has been left behind. */
  readonly timeline: number;
  /** WAL written (primary) or replayed (standby), in bytes since the beginning. */
  readonly lsnBytes: number;
  readonly latencyMs: number;
};

type Proven = {
  readonly report: NodeReport;
  /** When the last good probe was *sent*: the report is true of some moment after it. */
  readonly goodMs: number;
  /** Since when the node has been good without a break; -Infinity if it always was. */
  readonly healthySinceMs: number;
};

/**
 * What one process knows of one node, by its own monotonic clock. `claimant`: it says that it is the primary, but the
 * witness has not named it since it began to say so.
 */
export type NodeState =
  | { readonly phase: 'unknown' }
  | { readonly phase: 'broken'; readonly sinceMs: number }
  | ({ readonly phase: 'standby' | 'primary' } & Proven)
  | ({ readonly phase: 'claimant'; readonly sinceMs: number } & Proven);

/** A state in which the node has proven itself. */
export type ProvenState = Exclude<NodeState, { phase: 'unknown' | 'broken' }>;

/**
 * What happened. `lagged`: the own event loop was late meanwhile, so the verdict is void: after a pause of the whole host
 * an old answer may lie in the socket, and a time-out may be ours.
 */
export type NodeEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'answered'; readonly sentMs: number; readonly report: NodeReport; readonly lagged: boolean }
  | { readonly kind: 'failed'; readonly refused: boolean; readonly lagged: boolean }
  | { readonly kind: 'named'; readonly askedMs: number };

export type NodePolicy = {
  readonly freshMs: number;
  /** Whether a primary must be confirmed by the leader witness. */
  readonly needsWitness: boolean;
};

/** The state as of `nowMs`: proof older than the limit is none, and cannot be revived by a later probe (R10). */
export function aged(state: NodeState, nowMs: number, policy: NodePolicy): NodeState {
  return isProven(state) && nowMs - state.goodMs > policy.freshMs ? { phase: 'broken', sinceMs: nowMs } : state;
}

/** Whether the node has proven itself and the proof was good when last looked at. */
export const isProven = (state: NodeState): state is ProvenState =>
  state.phase !== 'unknown' && state.phase !== 'broken';

/** The next state. Pure: the same events at the same times give the same states. */
export function nextState(before: NodeState, event: NodeEvent, nowMs: number, policy: NodePolicy): NodeState {
  const state = aged(before, nowMs, policy);
  switch (event.kind) {
    case 'tick':
      return state;
    case 'failed':
      // Refused is definite: nobody listens there. Any other failure may be this one connection's, so time decides.
      return event.refused && !event.lagged && isProven(state) ? { phase: 'broken', sinceMs: nowMs } : state;
    case 'named':
      return state.phase === 'claimant' && event.askedMs >= state.sinceMs ? confirmed(state) : state;
    case 'answered':
      if (event.lagged || nowMs - event.sentMs > policy.freshMs) return state;
      return event.report.role === 'standby'
        ? { phase: 'standby', ...proof(state, event.sentMs, event.report) }
        : claimed(state, { sentMs: event.sentMs, report: event.report }, nowMs, policy);
  }
}

function proof(state: NodeState, sentMs: number, report: NodeReport): Proven {
  if (isProven(state)) return { report, goodMs: sentMs, healthySinceMs: state.healthySinceMs };
  return { report, goodMs: sentMs, healthySinceMs: state.phase === 'unknown' ? Number.NEGATIVE_INFINITY : sentMs };
}

function claimed(
  state: NodeState,
  { sentMs, report }: { sentMs: number; report: NodeReport },
  nowMs: number,
  policy: NodePolicy,
): NodeState {
  const proven = proof(state, sentMs, report);
  const goesOn = isProven(state) && state.report.timeline === report.timeline;
  if (goesOn && state.phase === 'primary') return { phase: 'primary', ...proven };
  if (goesOn && state.phase === 'claimant') return { phase: 'claimant', sinceMs: state.sinceMs, ...proven };
  // On another timeline than before it is another primary, whose sessions are new: it claims anew.
  return policy.needsWitness ? { phase: 'claimant', sinceMs: nowMs, ...proven } : { phase: 'primary', ...proven };
}

function confirmed({ report, goodMs, healthySinceMs }: Proven): NodeState {
  return { phase: 'primary', report, goodMs, healthySinceMs };
}

/** Whether every socket to the node must go: it was the primary (or proven at all) and is not the same any more. */
export function mustCutSessions(before: NodeState, after: NodeState): boolean {
  if (!isProven(before)) return false;
  if (!isProven(after)) return true;
  return before.phase === 'primary' && (after.phase !== 'primary' || after.report.timeline !== before.report.timeline);
}
