import type { NodeAddress } from './node-list.js';
import type { NodeReport } from './node-state.js';
import { type Login, Session } from './session.js';
import { named } from './statement.js';

/** What one probe found. */
export type Finding =
  | {
      readonly kind: 'answered';
      readonly sentMs: number;
      readonly report: NodeReport;
      readonly aliveAbandoned: readonly number[];
    }
  | { readonly kind: 'failed'; readonly refused: boolean; readonly error: unknown };

/** A probe without an answer for so long has failed. */
export const PROBE_TIMEOUT_MS = 1_000;

type Row = { standby: boolean; lsnBytes: number; timeline: number; alive: number[] };

/**
 * On a primary the timeline is in the name of its current WAL file (the control file lags behind a promotion); on a standby
 * it is the one it receives, or the one it has replayed to.
 */
const probe = named(
  'probe',
  `SELECT r.standby,
     (CASE WHEN r.standby THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_lsn() END - '0/0')::float8 AS "lsnBytes",
     CASE WHEN r.standby
       THEN greatest((SELECT received_tli FROM pg_stat_wal_receiver),
                     (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                     (SELECT timeline_id FROM pg_control_checkpoint()))
       ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline,
     ARRAY(SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int[])) AS alive
   FROM (SELECT pg_is_in_recovery() AS standby) AS r`,
);

/** Nobody listens, or the server says itself that it serves nobody: starting up, shutting down, in crash recovery. */
const REFUSALS = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', '57P03']);

/** Looks at one node on a connection of its own, which queueing and pool limits cannot delay. */
export class NodeProber {
  private session: Session | undefined;

  constructor(
    private readonly node: NodeAddress,
    private readonly login: Login,
  ) {}

  /** Never throws. `abandoned`: back ends to look for on the server. */
  async look(abandoned: readonly number[]): Promise<Finding> {
    try {
      const session = await this.connected();
      const sentMs = performance.now();
      const { rows } = await session.query<Row>(probe, [abandoned]);
      const row = rows[0] as Row;
      const report: NodeReport = {
        role: row.standby ? 'standby' : 'primary',
        timeline: row.timeline,
        lsnBytes: row.lsnBytes,
        latencyMs: performance.now() - sentMs,
      };
      return { kind: 'answered', sentMs, report, aliveAbandoned: row.alive };
    } catch (error) {
      this.session?.lose('connection-lost');
      this.session = undefined;
      return { kind: 'failed', refused: REFUSALS.has((error as { code?: string }).code ?? ''), error };
    }
  }

  async close(): Promise<void> {
    await this.session?.close();
  }

  private async connected(): Promise<Session> {
    if (this.session && !this.session.isLost) return this.session;
    this.session = await Session.open(this.node, {
      ...this.login,
      applicationName: `${this.login.applicationName}-probe`,
      connectTimeoutMs: Math.min(PROBE_TIMEOUT_MS, this.login.connectTimeoutMs),
      answerTimeoutMs: PROBE_TIMEOUT_MS,
    });
    return this.session;
  }
}
