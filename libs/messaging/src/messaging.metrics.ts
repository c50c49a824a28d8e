import { counter, gauge } from '#libs/telemetry';

/** Records whose effect was made. */
export const consumed = counter('bus_consumed_total', 'Records whose effect was made, by topic.', ['topic']);
/** Attempts that failed. */
export const failed = counter('bus_failed_attempts_total', 'Attempts at a record that failed, by topic.', ['topic']);
/** Records given up. */
export const buried = counter('bus_dead_letters_total', 'Records put on the dead-letter twin of their topic.', [
  'topic',
]);
/** Events sent. */
export const published = counter('bus_published_total', 'Events the bus confirmed, by topic.', ['topic']);
/** Sends that failed. */
export const publishFailed = counter('bus_failed_publishes_total', 'Sends the bus did not confirm, by topic.', [
  'topic',
]);
/** Lanes this process owns. */
export const ownedLanes = gauge('bus_owned_lanes', 'Lanes this process owns in a consumer group.', ['group']);
/** Lanes that wait. */
export const stuckLanes = gauge('bus_stuck_lanes', 'Lanes of this process whose first record fails.', ['group']);
/** Records not consumed yet. */
export const consumerLag = gauge('bus_consumer_lag', 'Records of a topic that a group has not consumed yet.', [
  'group',
  'topic',
]);
