import { counter, gauge } from '#libs/telemetry';

/** Events the bus confirmed. */
export const relayed = counter('relay_published_total', 'Events carried from the outbox to the bus, by topic.', [
  'topic',
]);
/** Sends that failed. */
export const sendFailed = counter('relay_failed_sends_total', 'Sends that the bus did not confirm, by topic.', [
  'topic',
]);
/** Events that wait. */
export const backlog = gauge(
  'relay_backlog',
  'Events in the outbox that are not sent yet (counted up to 1,000 a lane).',
);
/** Age of the oldest event that waits. */
export const ageSeconds = gauge(
  'relay_age_seconds',
  'Age of the oldest event in the outbox that is not sent; 0 for none.',
);
/** How long the horizon has stood still. */
export const horizonWaitSeconds = gauge(
  'relay_horizon_wait_seconds',
  'How long the relay has waited for a writing transaction that holds the horizon (R12).',
);
/** Lanes this process relays. */
export const relayLanes = gauge('relay_owned_lanes', 'Lanes of the outbox that this process relays.');
