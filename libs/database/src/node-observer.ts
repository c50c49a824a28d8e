import type { NodeAddress } from './node-list.js';
import { type Login, Session } from './session.js';
import { named } from './statement.js';

/** A standby as its primary sees it. */
export type Follower = {
  readonly name: string;
  /** `quorum` and `sync` count for acknowledgements, `async` and `potential` do not. */
  readonly synchronous: string;
  readonly lagMs: number;
  readonly lagBytes: number;
};

/** What a node says of itself. */
export type NodeView = {
  readonly role: 'primary' | 'standby';
  readonly timeline: number;
  /** When its postmaster started. */
  readonly startedAt: string;
  /** Age of what a standby has replayed while there is more to replay; 0 on a primary. */
  readonly lagMs: number;
  /** Log that a standby has received and not yet replayed. */
  readonly lagBytes: number;
  readonly oldestTransactionMs: number;
  /** Standbys that follow a primary. */
  readonly followers: number;
  readonly standbys: readonly Follower[];
};

type Row = Omit<NodeView, 'followers'>;

const look = named(
  'observe-node',
  `SELECT CASE WHEN r.standby THEN 'standby' ELSE 'primary' END AS role,
     (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
     to_char(pg_postmaster_start_time(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "startedAt",
     CASE WHEN r.standby AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn()
       THEN greatest(0, extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::float8 ELSE 0 END AS "lagMs",
     CASE WHEN r.standby THEN greatest(0, coalesce(pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn(), 0))::float8
       ELSE 0 END AS "lagBytes",
     coalesce((SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) * 1000 FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()), 0)::float8 AS "oldestTransactionMs",
     coalesce((SELECT json_agg(json_build_object('name', application_name, 'synchronous', sync_state,
         'lagMs', coalesce(extract(epoch FROM replay_lag) * 1000, 0)::float8,
         'lagBytes', greatest(0, coalesce(pg_current_wal_lsn() - replay_lsn, 0))::float8))
       FROM pg_stat_replication WHERE NOT r.standby), '[]') AS standbys
   FROM (SELECT pg_is_in_recovery() AS standby) AS r`,
);

/** Looks at one node, whatever the others say, on one connection that it keeps. For monitors: services have a router. */
export class NodeObserver {
  private session: Session | undefined;

  /** @param limitMs of connecting and of each look */
  constructor(
    private readonly node: NodeAddress,
    private readonly login: Pick<Login, 'database' | 'user' | 'password' | 'applicationName'>,
    private readonly limitMs: number,
  ) {}

  /** @throws Error when the node does not answer in time, or refuses */
  async look(): Promise<NodeView> {
    try {
      const session = await this.connected();
      const { rows } = await session.query<Row>(look);
      const row = rows[0] as Row;
      return { ...row, followers: row.standbys.length };
    } catch (error) {
      this.session?.lose('connection-lost');
      this.session = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.session?.close();
  }

  private async connected(): Promise<Session> {
    if (this.session && !this.session.isLost) return this.session;
    this.session = await Session.open(this.node, {
      ...this.login,
      searchPath: ['public'],
      connectTimeoutMs: this.limitMs,
      answerTimeoutMs: this.limitMs,
    });
    return this.session;
  }
}
