import { Injectable } from '@nestjs/common';
import { named, type Tx } from '#libs/database';
import { type NewEvent, type SealedEvent, sealEvent } from './event.js';

/** Most events of one {@link Outbox.appendAll}. */
export const MAX_APPENDED_EVENTS = 1_000;

/** Writes events into the transaction that makes them true: both commit, or neither. */
@Injectable()
export class Outbox {
  /**
   * Adds an event to the outbox of the transaction's schema and wakes the relay at COMMIT. Call it after the transaction
   * has locked or written the aggregate's row, for that row's lock is what puts the events of an aggregate in order (R12).
   * @throws ZodError when the payload breaks its contract
   */
  append(tx: Tx, event: NewEvent): Promise<void> {
    return this.appendAll(tx, [event]);
  }

  /** Adds events in the order given, by one statement. At most {@link MAX_APPENDED_EVENTS}. */
  appendAll(tx: Tx, events: readonly NewEvent[]): Promise<void> {
    return this.appendSealed(tx, events.map(sealEvent));
  }

  /** As {@link appendAll}, for events that were sealed in request contexts of their own: of a batch made of many requests. */
  async appendSealed(tx: Tx, sealed: readonly SealedEvent[]): Promise<void> {
    if (sealed.length === 0) return;
    if (sealed.length > MAX_APPENDED_EVENTS)
      throw new RangeError(`${sealed.length} events in one transaction are too many.`);
    await tx.run(appendEvents(tx.schema), [
      sealed.map((event) => event.eventId),
      sealed.map((event) => event.lane),
      sealed.map((event) => event.topic),
      sealed.map((event) => event.aggregateId),
      sealed.map((event) => event.seq),
      sealed.map((event) => event.key),
      sealed.map((event) => event.value),
    ]);
  }
}

const appendEvents = (schema: string) =>
  named(
    `${schema}-append-events`,
    `SELECT ${schema}.append_events($1::uuid[], $2::smallint[], $3::text[], $4::uuid[], $5::int[], $6::text[], $7::text[])`,
  );
