import type { ConfigOf } from '#libs/config';
import { madeAtMs, type Topic } from '#libs/contracts';
import type { Database } from '#libs/database';
import { switchedOff } from '#libs/drill';
import {
  backOffMs,
  CALL_PATIENCE_MS,
  type EventBus,
  type LaneKey,
  LaneLeases,
  laneKey,
  newOwner,
  type OwnedLane,
  WakeLoop,
} from '#libs/messaging';
import { logger } from '#libs/telemetry';
import { Horizon, type HorizonRow } from './horizon.js';
import { LaneSender } from './lane-sender.js';
import { ageSeconds, backlog, horizonWaitSeconds, relayLanes } from './outbox.metrics.js';
import { outboxChannel, RELAY_SCOPE, RELAY_TOPIC } from './outbox-schema.sql.js';
import type { relayConfig } from './relay.config.js';
import { outboxBacklog, relayStep } from './relay.sql.js';

const log = logger('relay');

const FIRST_BACK_OFF_MS = 100;
const MAX_BACK_OFF_MS = 2_000;
/** A death is noticed within the lease and one of these: 5 s. */
const SHARES_PER_LEASE = 4;
const MEASURE_EVERY_MS = 5_000;
/** A horizon that stands still this long is worth a line in the log, in ms. */
const LONG_WAIT_MS = 5_000;

type StepRow = HorizonRow & { lane: number; eventId: string; topic: Topic; key: string; value: string };
type BacklogRow = { backlog: number; oldest: string | null };

/**
 * Carries committed events from the outbox to the bus: in order per lane, each at least once, none left out (R12 to R14).
 * Twins share the lanes; a relay that dies loses its lanes within the lease, one that stops hands them on at once.
 */
export class Relay {
  private readonly leases: LaneLeases;
  private readonly senders = new Map<LaneKey, LaneSender>();
  /** Lanes that may have events beyond those read. */
  private readonly promising = new Set<LaneKey>();
  private readonly horizon = new Horizon();
  private readonly loop: WakeLoop;
  private readonly owner = newOwner();
  private readonly listeners = new AsyncDisposableStack();
  private failures = 0;
  private oldestAgeMs = 0;
  private lookAllAtMs = 0;
  private shareAtMs = 0;
  private measureAtMs = 0;
  private notedWaitMs = 0;

  constructor(
    private readonly schema: string,
    private readonly database: Database,
    private readonly bus: EventBus,
    private readonly config: ConfigOf<typeof relayConfig>,
  ) {
    this.leases = new LaneLeases(database, {
      schema,
      scope: RELAY_SCOPE,
      topics: [RELAY_TOPIC],
      owner: this.owner,
      leaseMs: config.leaseMs,
    });
    this.loop = new WakeLoop({ step: () => this.step(), lingerMs: config.lingerMs });
  }

  /** Lanes this relay owns now. */
  get lanes(): number {
    return this.senders.size;
  }

  /** Whether its last look worked. */
  get healthy(): boolean {
    return this.failures === 0;
  }

  /** How long the oldest event of the schema has waited to be sent, in ms, as of the last 5 s; 0 when none waits. */
  get oldestWaitsMs(): number {
    return this.oldestAgeMs;
  }

  /** How long the horizon has stood still although events wait behind it. */
  get horizonWaitMs(): number {
    return Math.round(this.horizon.waitMs);
  }

  /** Listens for wake-ups and starts looking. */
  async start(): Promise<void> {
    this.listeners.use(await this.database.listen(outboxChannel(this.schema), (lanes) => this.onNews(lanes)));
    this.listeners.use(await this.database.listen(`${this.schema}_lanes`, () => this.onLanesFreed()));
    this.loop.start();
  }

  /** Ends running sends and hands the lanes on. Repeatable. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await this.listeners.disposeAsync();
    await Promise.all([...this.senders.values()].map((sender) => sender.close()));
    await this.leases.leave().catch((error: unknown) => log.warn({ err: error }, 'lanes not handed on: they expire'));
    this.senders.clear();
  }

  private onNews(payload: string): void {
    const keys =
      payload === '' ? [...this.senders.keys()] : payload.split(',').map((n) => laneKey(RELAY_TOPIC, Number(n)));
    let isMine = false;
    for (const key of keys) {
      const sender = this.senders.get(key);
      if (sender === undefined) continue;
      this.promising.add(key);
      isMine ||= sender.idle;
    }
    if (isMine) this.loop.wake();
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
      if (performance.now() >= this.measureAtMs) await this.measure();
      this.failures = 0;
      const dueAtMs = Math.min(this.lookAllAtMs, this.shareAtMs);
      return Math.max(0, Math.min(dueAtMs - performance.now(), this.horizon.recheckMs));
    } catch (error) {
      this.failures += 1;
      this.lookAllAtMs = 0;
      this.horizon.forget();
      log.warn({ err: error, schema: this.schema, failures: this.failures }, 'outbox cannot be read');
      return backOffMs(this.failures, FIRST_BACK_OFF_MS, MAX_BACK_OFF_MS);
    }
  }

  private async share(): Promise<void> {
    const { gained, lost, surplus } = await this.leases.share();
    this.shareAtMs = performance.now() + this.config.leaseMs / SHARES_PER_LEASE;
    for (const lane of lost) this.drop(lane);
    for (const lane of gained) this.begin(lane);
    for (const lane of surplus) void this.handOn(lane);
    relayLanes.set(this.senders.size);
    if (gained.length + lost.length === 0) return;
    log.info({ lanes: this.senders.size, gained: gained.length, lost: lost.length }, 'lanes of the relay moved');
  }

  private begin(lane: OwnedLane): void {
    const key = laneKey(lane.topic, lane.lane);
    const onIdle = () => {
      if (this.promising.has(key)) this.loop.wake();
    };
    this.senders.set(key, new LaneSender(lane, this.bus, onIdle));
    this.promising.add(key);
  }

  private drop(lane: OwnedLane): void {
    const key = laneKey(lane.topic, lane.lane);
    void this.senders.get(key)?.close();
    this.senders.delete(key);
    this.leases.forget(lane);
  }

  private async handOn(lane: OwnedLane): Promise<void> {
    const key = laneKey(lane.topic, lane.lane);
    const sender = this.senders.get(key);
    if (sender === undefined || sender.draining) return;
    await sender.close();
    await this.leases.release([lane]).catch((error: unknown) => log.warn({ err: error }, 'lane not handed on'));
    if (this.senders.get(key) === sender) this.drop(lane);
  }

  /** Records how far the lanes got and reads on in idle ones that may have something, in all of them every `pollMs`. */
  private async look(): Promise<void> {
    const isAll = performance.now() >= this.lookAllAtMs;
    if (isAll) this.lookAllAtMs = performance.now() + this.config.pollMs;
    const senders = [...this.senders.values()].filter((sender) => !sender.draining);
    const wanted = senders.map((sender) => this.isWanted(sender, isAll));
    const lanes = senders.map((sender) => sender.lane);
    const { safe, noted, xid } = this.horizon;
    const values = [
      this.owner,
      this.config.leaseMs,
      lanes.map((lane) => lane.lane),
      lanes.map((lane) => lane.epoch),
      lanes.map((lane) => lane.position),
      wanted,
      safe,
      noted,
      xid,
      this.config.batchSize,
    ];
    const options = { patienceMs: CALL_PATIENCE_MS };
    const [state, ...rows] = await this.database.call<StepRow>(relayStep(this.schema), values, options);
    this.horizon.advance(state as StepRow);
    this.noteWait();
    const byLane = Map.groupBy(rows, (row) => row.lane);
    senders.forEach((sender, index) => {
      if (wanted[index]) this.handOut(sender, byLane.get(sender.lane.lane) ?? [], isAll);
    });
  }

  private isWanted(sender: LaneSender, isAll: boolean): boolean {
    const key = laneKey(sender.lane.topic, sender.lane.lane);
    if (!sender.idle || !(isAll || this.promising.has(key))) return false;
    this.promising.delete(key);
    return true;
  }

  private handOut(sender: LaneSender, rows: readonly StepRow[], isAll: boolean): void {
    const isMore = rows.length === this.config.batchSize || this.horizon.isWaiting;
    if (isMore) this.promising.add(laneKey(sender.lane.topic, sender.lane.lane));
    if (rows.length > 0) sender.send(rows);
    // A lane where nothing happens follows, else its cursor would keep old partitions for ever (R16).
    else if (isAll && !switchedOff('outbox-horizon'))
      sender.lane.position = Math.max(sender.lane.position, this.horizon.safe);
  }

  private noteWait(): void {
    const { waitMs } = this.horizon;
    const before = this.notedWaitMs;
    this.notedWaitMs = waitMs;
    horizonWaitSeconds.set(waitMs / 1000);
    if (waitMs > LONG_WAIT_MS && before <= LONG_WAIT_MS) {
      log.warn({ schema: this.schema, waitMs }, 'a writing transaction was left open: no event after it can be sent');
    }
  }

  private async measure(): Promise<void> {
    this.measureAtMs = performance.now() + MEASURE_EVERY_MS;
    const [row] = await this.database.call<BacklogRow>(outboxBacklog(this.schema), []);
    backlog.set(row?.backlog ?? 0);
    this.oldestAgeMs = row?.oldest ? Math.max(0, Date.now() - madeAtMs(row.oldest)) : 0;
    ageSeconds.set(this.oldestAgeMs / 1000);
  }
}
