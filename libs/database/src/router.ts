import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult } from '#libs/health';
import { logger } from '#libs/telemetry';
import type { LeaderWitness } from './leader-witness.js';
import { LoopMeter } from './loop-meter.js';
import type { NodeAddress } from './node-list.js';
import { NodePool, type PoolLimits } from './node-pool.js';
import { type Finding, NodeProber } from './node-prober.js';
import { isProven, type NodeReport } from './node-state.js';
import { PrimaryTrail } from './primary-trail.js';
import { maySpeak, pickPrimary, pickReader, type ReadWish, type RouteContext } from './route.js';
import { RoutedNode } from './routed-node.js';
import { describeNodes } from './router.metrics.js';
import type { Login } from './session.js';
import { WitnessDesk } from './witness-desk.js';

/** While there is no primary, nodes are looked at this often. */
const HURRIED_PROBE_MS = 150;
/** Least time between two looks at a node. */
const MIN_PROBE_PAUSE_MS = 50;
/** Without a primary and without the witness for so long, this process is the one that is cut off (R11). */
const CUT_OFF_AFTER_MS = 2_000;
/** Losing the primary changes readiness only after this (R11): failover is over before. */
const UNREADY_AFTER_MS = 15_000;

export type SessionSettings = { readonly login: Login; readonly limits: PoolLimits };

export type RouterSettings = {
  readonly site: string;
  readonly probeIntervalMs: number;
  readonly freshMs: number;
  readonly maxReplicaLagMs: number;
  readonly returnAfterMs: number;
};

const log = logger('database-router');

/** Probes every node, and knows by that which may be written to and which may be read. */
export class Router {
  readonly nodes: readonly RoutedNode[];
  private readonly meter = new LoopMeter();
  private readonly trail = new PrimaryTrail();
  private readonly desk: WitnessDesk;
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private readonly wakers = new Map<RoutedNode, () => void>();
  private highestTimeline = 0;
  private turn = 0;
  private primaryGoneMs: number | undefined;

  constructor(
    addresses: readonly NodeAddress[],
    { login, limits }: SessionSettings,
    private readonly settings: RouterSettings,
    witness?: LeaderWitness,
  ) {
    const policy = { freshMs: settings.freshMs, needsWitness: witness !== undefined };
    this.nodes = addresses.map(
      (address) =>
        new RoutedNode(address, new NodePool(address, login, limits), new NodeProber(address, login), policy),
    );
    this.desk = new WitnessDesk(witness, (name, askedMs) =>
      this.nodes.find((node) => node.name === name)?.happened({ kind: 'named', askedMs }),
    );
  }

  /** Begins to probe. */
  start(): void {
    this.meter.start(() => this.beat());
    for (const node of this.nodes) {
      node.pool.onLost = () => this.wakers.get(node)?.();
      this.loops.push(this.watch(node));
    }
  }

  primary(): RoutedNode | undefined {
    return pickPrimary(this.nodes, this.context());
  }

  isPrimary(node: RoutedNode): boolean {
    return this.primary() === node;
  }

  reader(wish: ReadWish, tried: ReadonlySet<string>): RoutedNode | undefined {
    this.turn++;
    return pickReader(this.nodes, wish, tried, this.context());
  }

  /** Whether what `node` answered may be told on. */
  maySpeak(node: RoutedNode): boolean {
    return maySpeak(node.state, this.context());
  }

  /** Whether waiting for a primary is in vain: this process has lost the primary and the majority alike (R11). */
  isCutOff(): boolean {
    const sinceMs = performance.now() - CUT_OFF_AFTER_MS;
    return this.primaryGoneMs !== undefined && this.primaryGoneMs < sinceMs && this.desk.isSilentSince(sinceMs);
  }

  health(): ProbeResult {
    const details = { nodes: describeNodes(this.nodes) };
    const goneMs = this.primaryGoneMs;
    if (this.primary()) {
      return { status: this.nodes.every((node) => isProven(node.state)) ? 'up' : 'degraded', details };
    }
    const wasThere = this.highestTimeline > 0 && goneMs !== undefined;
    return { status: wasThere && performance.now() - goneMs < UNREADY_AFTER_MS ? 'degraded' : 'down', details };
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.meter.stop();
    await Promise.all(this.loops);
    await Promise.all(this.nodes.flatMap((node) => [node.pool.close(), node.prober.close()]));
  }

  private context(): RouteContext {
    const { site, freshMs, maxReplicaLagMs, returnAfterMs } = this.settings;
    const { highestTimeline, turn } = this;
    return { nowMs: performance.now(), site, freshMs, maxReplicaLagMs, returnAfterMs, highestTimeline, turn };
  }

  /** Staleness is noticed here, not by probes, which a frozen node leaves without an answer. */
  private beat(): void {
    for (const node of this.nodes) node.happened({ kind: 'tick' });
    const primary = this.primary();
    if (primary) this.primaryGoneMs = undefined;
    else this.primaryGoneMs ??= performance.now();
    if (!primary) this.desk.ask();
  }

  private async watch(node: RoutedNode): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const startedMs = performance.now();
      const finding = await node.prober.look(node.pool.abandonedPids);
      if (signal.aborted) return;
      this.apply(node, finding, this.meter.laggedSince(startedMs));
      const intervalMs = this.primary() ? this.settings.probeIntervalMs : HURRIED_PROBE_MS;
      await this.rest(node, Math.max(MIN_PROBE_PAUSE_MS, intervalMs - (performance.now() - startedMs)));
    }
  }

  /** Waits, shorter when a session of the node is lost meanwhile. */
  private async rest(node: RoutedNode, ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => this.wakers.set(node, resolve));
    await sleep(MIN_PROBE_PAUSE_MS);
    await Promise.race([
      woken,
      sleep(Math.max(0, ms - MIN_PROBE_PAUSE_MS), undefined, { signal: this.stopping.signal }),
    ]).catch(() => undefined);
  }

  private apply(node: RoutedNode, finding: Finding, lagged: boolean): void {
    if (finding.kind === 'failed') {
      node.happened({ kind: 'failed', refused: finding.refused, lagged });
      if (finding.refused) node.pool.forget(node.pool.abandonedPids);
      log.debug({ node: node.name, err: finding.error }, 'probe failed');
      return;
    }
    const { report, sentMs, aliveAbandoned } = finding;
    node.pool.forget(node.pool.abandonedPids.filter((pid) => !aliveAbandoned.includes(pid)));
    this.highestTimeline = Math.max(this.highestTimeline, report.timeline);
    node.happened({ kind: 'answered', sentMs, report, lagged });
    this.measure(node, report);
    if (node.state.phase === 'claimant') this.desk.ask();
  }

  private measure(node: RoutedNode, report: NodeReport): void {
    const nowMs = performance.now();
    if (report.role === 'primary') this.trail.record(nowMs, report.timeline, report.lsnBytes);
    node.lagMs = report.role === 'primary' ? 0 : this.trail.lagMs(report.lsnBytes, nowMs);
    node.lagBytes = report.role === 'primary' ? 0 : this.trail.lagBytes(report.lsnBytes);
  }
}
