import type { DeadLetterTopic, Topic } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { WireEvent } from '../event-bus.js';
import { CALL_PATIENCE_MS } from '../lanes/lane-leases.js';
import { type LaneKey, laneKey } from '../lanes/owned-lane.js';
import { publish } from './bus.sql.js';

/** Most batches that wait for their turn; more are refused. */
export const MAX_WAITING_BATCHES = 1_000;
/** Most batches in one statement. */
const MAX_BATCHES_PER_CALL = 64;

type Batch = {
  readonly topic: Topic | DeadLetterTopic;
  readonly lane: number;
  readonly events: readonly WireEvent[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** Appends batches of many lanes by one statement and one COMMIT: what arrives during a call goes with the next. */
export class LaneAppender {
  private waiting: Batch[] = [];
  private busy = false;

  constructor(private readonly database: Database) {}

  /** Resolves when the events are in the log. */
  append(topic: Topic | DeadLetterTopic, lane: number, events: readonly WireEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length >= MAX_WAITING_BATCHES) {
        reject(new Error(`${MAX_WAITING_BATCHES} batches already wait for the database`));
        return;
      }
      this.waiting.push({ topic, lane, events, resolve, reject });
      if (!this.busy) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.busy = true;
    // Callers of this very turn of the event loop come along.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) await this.send(this.nextBatches());
    this.busy = false;
  }

  /** The oldest batches, one per lane: the second of a lane must come after the first. */
  private nextBatches(): Batch[] {
    const taken = new Map<LaneKey, Batch>();
    const left: Batch[] = [];
    for (const batch of this.waiting) {
      const key = laneKey(batch.topic, batch.lane);
      if (taken.has(key) || taken.size >= MAX_BATCHES_PER_CALL) left.push(batch);
      else taken.set(key, batch);
    }
    this.waiting = left;
    return [...taken.values()];
  }

  private async send(batches: readonly Batch[]): Promise<void> {
    const events = batches.flatMap((batch, index) => batch.events.map((event) => ({ event, place: index + 1 })));
    try {
      const values = [
        batches.map((batch) => batch.topic),
        batches.map((batch) => batch.lane),
        batches.map((batch) => batch.events.length),
        events.map(({ place }) => place),
        events.map(({ event }) => event.eventId),
        events.map(({ event }) => event.key),
        events.map(({ event }) => event.value),
      ];
      await this.database.call(publish, values, { patienceMs: CALL_PATIENCE_MS });
      for (const batch of batches) batch.resolve();
    } catch (error) {
      for (const batch of batches) batch.reject(error);
    }
  }
}
