import { DEAD_LETTER_SUFFIX, madeAtMs } from '#libs/contracts';
import type { Invariant } from '../invariant.js';

export const outboxIsPublished: Invariant = {
  id: 'I8',
  promise: 'the outbox is drained: every event is on its topic and lane, and none is there without a row',
  ofOrder: ({ events, records }, { outboxSinceMs }) => {
    const complaints = events.flatMap(({ eventId, type, aggregateId, topic, lane }) => {
      const own = records.filter((record) => record.eventId === eventId && record.topic === topic);
      if (own.length === 0) return [`${type} ${eventId} of ${aggregateId} is not on ${topic}`];
      const stray = own.find((record) => record.lane !== lane);
      return stray ? [`${type} ${eventId} is on lane ${stray.lane} of ${topic}, not on ${lane}`] : [];
    });
    const known = new Set(events.map(({ eventId }) => eventId));
    const orphans = records.filter(
      ({ eventId, topic }) =>
        !known.has(eventId) && !topic.endsWith(DEAD_LETTER_SUFFIX) && madeAtMs(eventId) >= outboxSinceMs,
    );
    return [...complaints, ...orphans.map(({ eventId, topic }) => `${eventId} is on ${topic} but in no outbox`)];
  },
};
