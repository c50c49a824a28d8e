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
    if (switchedOff('inbox')) return true;
    const [claimed] = await tx.run(claimEvent(tx.schema), [consumer, eventId]);
    if (claimed !== undefined) return true;
    await tx.run(waitForStandbys);
    return false;
  }
}

const claimEvent = (schema: string) =>
  named(
    `${schema}-claim-event`,
    `INSERT INTO ${schema}.inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1 AS claimed`,
  );

const waitForStandbys = named('inbox-wait-for-standbys', `SELECT pg_logical_emit_message(true, 'ack', '')`);
