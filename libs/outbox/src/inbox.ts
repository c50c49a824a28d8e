import { Injectable } from '@nestjs/common';
import { named, type Tx } from '#libs/database';
import { switchedOff } from '#libs/drill';

/** Remembers which events a consumer has had, in the transaction of their effects: so each takes effect once. */
@Injectable()
export class Inbox {
  /**
   * Whether the event is new to `consumer`; then it is remembered with this transaction's COMMIT. Waits for a twin that
   * has just claimed the same event. A "no" makes the COMMIT wait for the standbys as a write would: the caller is about
   * to say that the event is done, and that must not rest on a row which no standby has (R5).
   */
  async claim(tx: Tx, consumer: string, eventId: string): Promise<boolean> {
    return (await this.claimAll(tx, consumer, [eventId])).has(eventId);
  }

  /** As {@link claim}, for events of one batch; returns those that are new. */
  async claimAll(tx: Tx, consumer: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (switchedOff('inbox')) return new Set(eventIds);
    const rows = await tx.run<{ eventId: string }>(claimEvents(tx.schema), [consumer, eventIds]);
    if (rows.length < eventIds.length) await tx.run(waitForStandbys);
    return new Set(rows.map(({ eventId }) => eventId));
  }
}

// In one order everywhere, so that two batches never wait for each other.
const claimEvents = (schema: string) =>
  named(
    `${schema}-claim-events`,
    `INSERT INTO ${schema}.inbox (consumer, event_id) SELECT $1, e FROM unnest($2::uuid[]) e ORDER BY e
       ON CONFLICT DO NOTHING RETURNING event_id AS "eventId"`,
  );

const waitForStandbys = named('inbox-wait-for-standbys', `SELECT pg_logical_emit_message(true, 'ack', '')`);
