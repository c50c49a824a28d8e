import { isProven, type NodeState, type ProvenState } from './node-state.js';

/** Where a read may go. */
export type ReadWish = { readonly from?: 'replica' | 'primary'; readonly maxLagMs?: number };

/** One node as the router sees it. */
export type Candidate = {
  readonly name: string;
  readonly site: string;
  readonly state: NodeState;
  /** Age of its data, 0 for a primary. */
  readonly lagMs: number;
};

/** What the choice depends on besides the nodes. */
export type RouteContext = {
  readonly nowMs: number;
  readonly site: string;
  readonly freshMs: number;
  readonly maxReplicaLagMs: number;
  readonly returnAfterMs: number;
  /** Highest timeline ever seen, on any node: nothing is served from below it (R6). */
  readonly highestTimeline: number;
  /** Counts reads, for taking turns. */
  readonly turn: number;
};

/** Whether what the node says now may be told on: freshly proven, and not left behind by a promotion. */
export function maySpeak(state: NodeState, context: RouteContext): state is ProvenState {
  return (
    isProven(state) &&
    state.phase !== 'claimant' &&
    context.nowMs - state.goodMs <= context.freshMs &&
    state.report.timeline >= context.highestTimeline
  );
}

/** The one node that writes may go to. */
export function pickPrimary<C extends Candidate>(nodes: readonly C[], context: RouteContext): C | undefined {
  return nodes.find((node) => node.state.phase === 'primary' && maySpeak(node.state, context));
}

/**
 * The node for a read: replicas of the own site in turn, then those of other sites, then the primary, then replicas that
 * came back only just now. Those in `tried` are left out.
 */
export function pickReader<C extends Candidate>(
  nodes: readonly C[],
  wish: ReadWish,
  tried: ReadonlySet<string>,
  context: RouteContext,
): C | undefined {
  const left = nodes.filter((node) => !tried.has(node.name) && maySpeak(node.state, context));
  const primary = left.find((node) => node.state.phase === 'primary');
  if (wish.from === 'primary' && primary) return primary;
  const maxLagMs = wish.maxLagMs ?? context.maxReplicaLagMs;
  const replicas = left.filter((node) => node.state.phase === 'standby' && node.lagMs <= maxLagMs);
  const settled = replicas.filter((node) => isSettled(node, context));
  const here = settled.filter((node) => node.site === context.site);
  return inTurn(here, context) ?? inTurn(settled, context) ?? primary ?? inTurn(replicas, context);
}

const isSettled = ({ state }: Candidate, { nowMs, returnAfterMs }: RouteContext): boolean =>
  isProven(state) && nowMs - state.healthySinceMs >= returnAfterMs;

const inTurn = <C>(nodes: readonly C[], { turn }: RouteContext): C | undefined =>
  nodes[turn % Math.max(1, nodes.length)];
