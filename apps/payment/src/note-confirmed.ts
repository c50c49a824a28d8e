import { Injectable } from '@nestjs/common';
import type { EventEnvelope } from '#libs/contracts';
import { Batcher, Database } from '#libs/database';
import { switchedOff } from '#libs/drill';
import { CONSUMER, FollowOrder } from './follow-order.js';
import { noteConfirmed } from './payment.sql.js';

type Confirmed = EventEnvelope<'order.confirmed'>;

/** Most events in one statement. */
const MAX_EVENTS = 100;
/** How long an event waits for company, in ms: nobody waits for its effect. */
const LINGER_MS = 20;

/**
 * Takes the news that orders are confirmed, on which only their sequence goes on (R15). Many share one statement; what is
 * out of turn, doubled, or contradicts the payment is left to {@link FollowOrder}.
 */
@Injectable()
export class NoteConfirmed {
  private readonly batcher = new Batcher<Confirmed, boolean>({
    flush: (events) => this.note(events),
    keyOf: ({ aggregateId }) => aggregateId,
    maxItems: MAX_EVENTS,
    lingerMs: LINGER_MS,
  });

  constructor(
    private readonly database: Database,
    private readonly order: FollowOrder,
  ) {}

  async execute(event: Confirmed): Promise<void> {
    const isNoted = !switchedOff('inbox') && (await this.batcher.add(event));
    if (!isNoted) await this.order.execute(event, () => Promise.resolve());
  }

  /** Repeated after a lost answer, it notes nothing: then the inbox tells. */
  private async note(events: readonly Confirmed[]): Promise<boolean[]> {
    const values = [
      CONSUMER,
      events.map(({ eventId }) => eventId),
      events.map(({ payload }) => payload.paymentId),
      events.map(({ payload }) => payload.orderId),
      events.map(({ seq }) => seq),
      events.map(({ payload }) => payload.currency),
      events.map(({ payload }) => payload.totalMinor),
    ];
    const rows = await this.database.call<{ eventId: string }>(noteConfirmed, values, { repeatable: true });
    const noted = new Set(rows.map(({ eventId }) => eventId));
    return events.map(({ eventId }) => noted.has(eventId));
  }
}
