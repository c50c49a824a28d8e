import { setTimeout as pause } from 'node:timers/promises';
import type { ConfigOf } from '#libs/config';
import { deadLetterOf, type Topic } from '#libs/contracts';
import type { Database } from '#libs/database';
import { logger } from '#libs/telemetry';
import type { EventBus, RecordHandler, StuckLane, Subscription } from '../event-bus.js';
import { backOffMs } from '../lanes/back-off.js';
import { CALL_PATIENCE_MS, LaneLeases } from '../lanes/lane-leases.js';
import { LaneWorker } from '../lanes/lane-worker.js';
import { type LaneKey, laneKey, newOwner, type OwnedLane } from '../lanes/owned-lane.js';
import { WakeLoop } from '../lanes/wake-loop.js';
import type { busConfig } from '../messaging.config.js';
import { buried, consumerLag, ownedLanes, stuckLanes } from '../messaging.metrics.js';
import { consume, lag } from './bus.sql.js';
import { BUS_SCHEMA } from './bus-schema.sql.js';

const log = logger('messaging');

/** What a subscription is made of. */
export type EmbeddedSubscriptionOptions = {
  readonly database: Database;
  readonly config: ConfigOf<typeof busConfig>;
  readonly group: string;
  readonly topics: readonly Topic[];
  readonly onRecord: RecordHandler;
  readonly publish: EventBus['publish'];
};

/** Longest wait for running handlers when a subscription is closed, in ms; their records come again elsewhere. */
const CLOSE_TIMEOUT_MS = 5_000;
const FIRST_BACK_OFF_MS = 100;
const MAX_BACK_OFF_MS = 2_000;
/** A death is noticed within the lease and one of these: 5 s. */
const SHARES_PER_LEASE = 4;
const LAG_EVERY_MS = 5_000;

type ConsumeRow = { topic: Topic; lane: number; position: number; eventId: string; key: string; value: string };
type LagRow = { topic: Topic; lag: number };

/** A member of a consumer group on the embedded bus: looks for records in its lanes when woken, and at least every `pollMs`. */
export class EmbeddedSubscription implements Subscription {
  private readonly leases: LaneLeases;
  private readonly workers = new Map<LaneKey, LaneWorker>();
  /** Lanes that may have records beyond those taken. */
  private readonly promising = new Set<LaneKey>();
  private readonly loop: WakeLoop;
  private readonly owner = newOwner();
  private readonly listeners = new AsyncDisposableStack();
  private failures = 0;
  private lookAllAtMs = 0;
  private shareAtMs = 0;
  private lagAtMs = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: EmbeddedSubscriptionOptions) {
    const { database, config, group, topics } = options;
    this.leases = new LaneLeases(database, {
      schema: BUS_SCHEMA,
      scope: group,
      topics,
      owner: this.owner,
      leaseMs: config.leaseMs,
    });
    this.loop = new WakeLoop({ step: () => this.step(), lingerMs: config.lingerMs });
  }

  get lanes(): number {
    return this.workers.size;
  }

  get stuck(): readonly StuckLane[] {
    return [...this.workers.values()].flatMap((worker) => worker.stuck ?? []);
  }

  /** Listens for wake-ups and starts looking; does not wait for a database that is down. */
  async start(): Promise<void> {
    const { database, group } = this.options;
    this.listeners.use(await database.listen('bus_log', (payload) => this.onNews(payload)));
    this.listeners.use(
      await database.listen(`${BUS_SCHEMA}_lanes`, (scope) => {
        if (scope === group || scope === '') this.onLanesFreed();
      }),
    );
    this.loop.start();
  }

  health(): { group: string; status: 'up' | 'degraded'; lanes: number; stuck: readonly StuckLane[] } {
    const { stuck } = this;
    const status = this.failures === 0 && stuck.length === 0 ? 'up' : 'degraded';
    return { group: this.options.group, status, lanes: this.lanes, stuck };
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    await this.loop.stop();
    await this.listeners.disposeAsync();
    const workersEnd = Promise.all([...this.workers.values()].map((worker) => worker.close()));
    await Promise.race([workersEnd, pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    await this.leases.leave().catch((error: unknown) => log.warn({ err: error }, 'lanes not handed on: they expire'));
    this.workers.clear();
  }

  /** An empty payload means that news may have been missed. */
  private onNews(payload: string): void {
    let mine = payload === '';
    if (mine) this.lookAllAtMs = 0;
    for (const key of payload.split(',') as LaneKey[]) {
      const worker = this.workers.get(key);
      if (worker === undefined) continue;
      this.promising.add(key);
      mine ||= worker.idle;
    }
    if (mine) this.loop.wake();
  }

  private onLanesFreed(): void {
    this.shareAtMs = 0;
    this.loop.wake();
  }

  /** One round; never rejects. */
  private async step(): Promise<number> {
    try {
      if (performance.now() >= this.shareAtMs) await this.share();
      await this.look();
      if (performance.now() >= this.lagAtMs) await this.measureLag();
      this.failures = 0;
      return Math.max(0, Math.min(this.lookAllAtMs, this.shareAtMs) - performance.now());
    } catch (error) {
      this.failures += 1;
      this.lookAllAtMs = 0;
      log.warn({ err: error, group: this.options.group, failures: this.failures }, 'bus cannot be read');
      return backOffMs(this.failures, FIRST_BACK_OFF_MS, MAX_BACK_OFF_MS);
    }
  }

  private async share(): Promise<void> {
    const { gained, lost, surplus } = await this.leases.share();
    this.shareAtMs = performance.now() + this.options.config.leaseMs / SHARES_PER_LEASE;
    for (const lane of lost) this.drop(lane);
    for (const lane of gained) this.begin(lane);
    for (const lane of surplus) void this.handOn(lane);
    const { group } = this.options;
    ownedLanes.set({ group }, this.workers.size);
    stuckLanes.set({ group }, this.stuck.length);
    if (gained.length + lost.length > 0) {
      log.info(
        { group, lanes: this.workers.size, gained: gained.length, lost: lost.length },
        'lanes of the group moved',
      );
    }
  }

  private begin(lane: OwnedLane): void {
    const key = laneKey(lane.topic, lane.lane);
    const worker = new LaneWorker(lane, {
      handle: this.options.onRecord,
      bury: async ({ topic, lane: number, eventId, key: orderId, value }) => {
        await this.options.publish(deadLetterOf(topic), number, [{ eventId, key: orderId, value }]);
        buried.inc({ topic });
      },
      onIdle: () => {
        if (this.promising.has(key)) this.loop.wake();
      },
    });
    this.workers.set(key, worker);
    this.promising.add(key);
  }

  private drop(lane: OwnedLane): void {
    const key = laneKey(lane.topic, lane.lane);
    void this.workers.get(key)?.close();
    this.workers.delete(key);
    this.leases.forget(lane);
  }

  private async handOn(lane: OwnedLane): Promise<void> {
    const key = laneKey(lane.topic, lane.lane);
    const worker = this.workers.get(key);
    if (worker === undefined || worker.draining) return;
    await worker.close();
    await this.leases.release([lane]).catch((error: unknown) => log.warn({ err: error }, 'lane not handed on'));
    if (this.workers.get(key) === worker) this.drop(lane);
  }

  /**
   * Records how far the lanes got and takes what is next in idle ones that may have something; in all idle ones every
   * `pollMs`, because a NOTIFY may be lost with its session.
   */
  private async look(): Promise<void> {
    const { database, config, group } = this.options;
    const isAll = performance.now() >= this.lookAllAtMs;
    if (isAll) this.lookAllAtMs = performance.now() + config.pollMs;
    const lanes = [...this.workers.values()].filter((worker) => !worker.draining).map((worker) => worker.lane);
    if (lanes.length === 0) return;
    const wanted = lanes.map((lane) => this.isWanted(laneKey(lane.topic, lane.lane), isAll));
    const values = [
      group,
      this.owner,
      config.leaseMs,
      lanes.map((lane) => lane.topic),
      lanes.map((lane) => lane.lane),
      lanes.map((lane) => lane.epoch),
      lanes.map((lane) => lane.position),
      wanted,
      config.batchSize,
    ];
    this.handOut(await database.call<ConsumeRow>(consume, values, { patienceMs: CALL_PATIENCE_MS }));
  }

  private isWanted(key: LaneKey, isAll: boolean): boolean {
    const isIdle = this.workers.get(key)?.idle === true;
    if (!isIdle || !(isAll || this.promising.has(key))) return false;
    this.promising.delete(key);
    return true;
  }

  private handOut(rows: readonly ConsumeRow[]): void {
    const byLane = Map.groupBy(rows, (row) => laneKey(row.topic, row.lane));
    for (const [key, records] of byLane) {
      if (records.length === this.options.config.batchSize) this.promising.add(key);
      this.workers.get(key)?.offer(
        records.map(({ topic, lane, position, eventId, key: orderId, value }) => {
          return { topic, lane, offset: String(position), eventId, key: orderId, value };
        }),
      );
    }
  }

  private async measureLag(): Promise<void> {
    const { database, group } = this.options;
    this.lagAtMs = performance.now() + LAG_EVERY_MS;
    for (const row of await database.call<LagRow>(lag, [group])) consumerLag.set({ group, topic: row.topic }, row.lag);
  }
}
