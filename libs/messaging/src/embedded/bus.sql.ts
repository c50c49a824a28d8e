import { named } from '#libs/database';

/** @see busSchemaSql */
export const publish = named(
  'bus-publish',
  'SELECT bus.publish($1::text[], $2::smallint[], $3::int[], $4::int[], $5::uuid[], $6::text[], $7::text[])',
);

/** @see busSchemaSql */
export const consume = named(
  'bus-consume',
  `SELECT topic, lane, "position", event_id AS "eventId", key, value
     FROM bus.consume($1, $2, $3, $4::text[], $5::smallint[], $6::bigint[], $7::bigint[], $8::boolean[], $9)`,
);

/** What a group has yet to read, by topic: two small tables, whatever the length of the log. */
export const lag = named(
  'bus-lag',
  `SELECT k.topic, sum(l.head - k.position)::int AS lag
     FROM bus.lane_lease k JOIN bus.lane l USING (topic, lane) WHERE k.scope = $1 GROUP BY k.topic`,
);
