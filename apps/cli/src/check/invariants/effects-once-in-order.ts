import { DEAD_LETTER_SUFFIX, ORDER_EVENTS } from '#libs/contracts';
import type { Dossier, EventFact, RecordFact } from '../facts.js';
import type { Complaint, Invariant } from '../invariant.js';

export const effectsOnceInOrder: Invariant = {
  id: 'I7',
  promise: 'every event takes effect exactly once, in the order of its aggregate',
  ofOrder: (dossier) => [...unconsumed(dossier), ...inverted(dossier), ...repeated(dossier)],
};

const consumerOf = (topic: string): string => (topic === ORDER_EVENTS ? 'payment' : 'order');

function unconsumed({ events, records }: Dossier): Complaint[] {
  const dead = new Set(records.filter(({ topic }) => topic.endsWith(DEAD_LETTER_SUFFIX)).map(({ eventId }) => eventId));
  return events
    .filter(({ topic, consumers }) => !consumers.includes(consumerOf(topic)))
    .map(({ eventId, type, aggregateId, topic }) => {
      const where = dead.has(eventId) ? 'lies in the dead letter' : `is unknown to ${consumerOf(topic)}'s inbox`;
      return `${type} ${eventId} of ${aggregateId} ${where}`;
    });
}

/** Only the first record of an event counts: later ones are duplicates, which the inbox absorbs. */
function inverted({ events, records }: Dossier): Complaint[] {
  const byEvent = new Map(events.map((event) => [event.eventId, event]));
  const complaints: Complaint[] = [];
  const newest = new Map<string, EventFact>();
  for (const { eventId, topic } of firstRecords(records)) {
    const event = byEvent.get(eventId);
    if (!event || topic !== event.topic) continue;
    const lane = `${topic} ${event.aggregateId}`;
    const before = newest.get(lane);
    if (before && before.seq > event.seq) {
      complaints.push(`${topic}: event ${event.seq} of ${event.aggregateId} lies behind its event ${before.seq}`);
    }
    newest.set(lane, event);
  }
  return complaints;
}

function firstRecords(records: readonly RecordFact[]): RecordFact[] {
  const first = new Map<string, RecordFact>();
  for (const record of records) {
    const id = `${record.topic} ${record.eventId}`;
    if ((first.get(id)?.position ?? Number.POSITIVE_INFINITY) > record.position) first.set(id, record);
  }
  return [...first.values()].sort((a, b) =>
    a.topic === b.topic ? a.position - b.position : a.topic < b.topic ? -1 : 1,
  );
}

/** An effect that happened twice shows in a second event that tells of it. */
function repeated({ events }: Dossier): Complaint[] {
  return ['order.placed', 'order.confirmed', 'order.cancelled'].flatMap((type) => {
    const all = events.filter((event) => event.type === type);
    return all.length > 1 ? [`${type} happened ${all.length} times to ${all[0]?.aggregateId ?? ''}`] : [];
  });
}
