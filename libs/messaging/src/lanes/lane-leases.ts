import { type Database, named } from '#libs/database';
import { type LaneKey, laneKey, type OwnedLane } from './owned-lane.js';

/** Loops that come again anyway wait for a primary no longer than this, so that they can be stopped, in ms. */
export const CALL_PATIENCE_MS = 1_000;

/** Who shares which lanes, and where the rows are. */
export type LaneLeasesOptions = {
  readonly schema: string;
  /** The consumer group, or `relay`. */
  readonly scope: string;
  readonly topics: readonly string[];
  /** This process, for nobody else to use: host, pid and some random. */
  readonly owner: string;
  /** A silent owner loses its lanes after this time, by the database's clock. */
  readonly leaseMs: number;
};

/** What changed since the last look. */
export type LaneChanges = { readonly gained: OwnedLane[]; readonly lost: OwnedLane[]; readonly surplus: OwnedLane[] };

type LaneRow = { topic: string; lane: number; epoch: number; position: number; surplus: boolean };

/** The lanes this process owns among those it shares with its twins (R14). */
export class LaneLeases {
  readonly owned = new Map<LaneKey, OwnedLane>();
  private readonly shareLanes;
  private readonly releaseLanes;

  constructor(
    private readonly database: Database,
    private readonly options: LaneLeasesOptions,
  ) {
    const { schema } = options;
    this.shareLanes = named(`${schema}-share-lanes`, `SELECT * FROM ${schema}.share_lanes($1, $2, $3::text[], $4)`);
    this.releaseLanes = named(
      `${schema}-release-lanes`,
      `SELECT ${schema}.release_lanes($1, $2, $3::text[], $4::smallint[], $5::bigint[], $6::bigint[], $7)`,
    );
  }

  /** Renews the lease, takes the fair share of free lanes, and tells what changed. Call it several times per lease. */
  async share(): Promise<LaneChanges> {
    const { scope, owner, topics, leaseMs } = this.options;
    const rows = await this.database.call<LaneRow>(this.shareLanes, [scope, owner, topics, leaseMs], {
      patienceMs: CALL_PATIENCE_MS,
    });
    return this.take(rows);
  }

  /** Hands lanes on at their present position. */
  async release(lanes: readonly OwnedLane[]): Promise<void> {
    if (lanes.length === 0) return;
    await this.callRelease(lanes, false);
    for (const lane of lanes) this.forget(lane);
  }

  /**
   * Knows nothing of a lane any more that nobody works on here. If it is still this process's, as after a release whose
   * outcome is unknown, the next {@link share} gives it as gained: a lane must never be owned and idle.
   */
  forget(lane: OwnedLane): void {
    const key = laneKey(lane.topic, lane.lane);
    if (this.owned.get(key)?.epoch === lane.epoch) this.owned.delete(key);
  }

  /** Hands everything on and is no member any more. */
  async leave(): Promise<void> {
    await this.callRelease([...this.owned.values()], true);
    this.owned.clear();
  }

  private async callRelease(lanes: readonly OwnedLane[], leave: boolean): Promise<void> {
    const values = [
      this.options.scope,
      this.options.owner,
      lanes.map((lane) => lane.topic),
      lanes.map((lane) => lane.lane),
      lanes.map((lane) => lane.epoch),
      lanes.map((lane) => lane.position),
      leave,
    ];
    await this.database.call(this.releaseLanes, values, { patienceMs: CALL_PATIENCE_MS });
  }

  private take(rows: readonly LaneRow[]): LaneChanges {
    const seen = new Set<LaneKey>();
    const changes: LaneChanges = { gained: [], lost: [], surplus: [] };
    for (const row of rows) {
      const key = laneKey(row.topic, row.lane);
      seen.add(key);
      const known = this.owned.get(key);
      if (known?.epoch === row.epoch) {
        if (row.surplus) changes.surplus.push(known);
        continue;
      }
      if (known) changes.lost.push(known);
      const lane = { topic: row.topic, lane: row.lane, epoch: row.epoch, position: row.position };
      this.owned.set(key, lane);
      changes.gained.push(lane);
    }
    for (const [key, lane] of this.owned) {
      if (seen.has(key)) continue;
      this.owned.delete(key);
      changes.lost.push(lane);
    }
    return changes;
  }
}
