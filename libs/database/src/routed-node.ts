import { logger } from '#libs/telemetry';
import type { NodeAddress } from './node-list.js';
import type { NodePool } from './node-pool.js';
import type { NodeProber } from './node-prober.js';
import { isProven, mustCutSessions, type NodeEvent, type NodePolicy, type NodeState, nextState } from './node-state.js';

const log = logger('database-router');

/** One node: its sessions, and what is known of it. */
export class RoutedNode {
  state: NodeState = { phase: 'unknown' };
  /** Age of its data as of the last probe, in ms. */
  lagMs = 0;
  lagBytes = 0;

  constructor(
    readonly address: NodeAddress,
    readonly pool: NodePool,
    readonly prober: NodeProber,
    private readonly policy: NodePolicy,
  ) {}

  get name(): string {
    return this.address.name;
  }

  get site(): string {
    return this.address.site;
  }

  /** Moves the state on, and destroys all sockets when the node is not what it was (R10). */
  happened(event: NodeEvent): void {
    const before = this.state;
    this.state = nextState(before, event, performance.now(), this.policy);
    if (before.phase !== this.state.phase) this.tell(before);
    if (mustCutSessions(before, this.state)) this.pool.destroyAll('no-longer-primary');
  }

  private tell(before: NodeState): void {
    const timeline = isProven(this.state) ? this.state.report.timeline : undefined;
    const fields = { node: this.name, site: this.site, from: before.phase, to: this.state.phase, timeline };
    log[this.state.phase === 'broken' ? 'warn' : 'info'](fields, 'database node changed');
  }
}
