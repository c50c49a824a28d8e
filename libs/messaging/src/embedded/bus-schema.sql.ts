import { DEAD_LETTER_SUFFIX, LANES, TOPICS } from '#libs/contracts';
import { partitionedTableSql, partitionFunctionsSql } from '#libs/database';
import { laneLeaseSql } from '../lanes/lane-lease.sql.js';

/** Schema of the embedded bus. */
export const BUS_SCHEMA = 'bus';

/** Days that records stay, at least; a day goes only when every group is past all of it. */
export const LOG_KEEP_DAYS = 2;

const topicList = TOPICS.flatMap((topic) => [topic, `${topic}${DEAD_LETTER_SUFFIX}`])
  .map((topic) => `'${topic}'`)
  .join(', ');

/**
 * Everything the embedded bus needs, as one script for the owner role. `lane.head` is the last position given out in a
 * lane: it is counted on under the row's lock until COMMIT, so positions have no gaps and become visible in order.
 */
export function busSchemaSql(): string {
  return `
CREATE TABLE bus.lane (
  topic text NOT NULL,
  lane smallint NOT NULL,
  head bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, lane)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200);
INSERT INTO bus.lane (topic, lane) SELECT t, l FROM unnest(ARRAY[${topicList}]) t, generate_series(0, ${LANES - 1}) l;

CREATE TABLE bus.log (
  topic text NOT NULL,
  lane smallint NOT NULL,
  "position" bigint NOT NULL,
  event_id uuid NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (topic, lane, "position", event_id)
) PARTITION BY RANGE (event_id);
${laneLeaseSql(BUS_SCHEMA)}${publishSql}${consumeSql}${logIsReadSql}
${partitionFunctionsSql(BUS_SCHEMA)}
${partitionedTableSql({ schema: BUS_SCHEMA, table: 'log', by: 'uuid', keepDays: LOG_KEEP_DAYS, mayDrop: 'log_is_read' })}`;
}

/** Appends batches to lanes, one batch per lane; lanes are locked in one order everywhere. One wake-up names them all. */
const publishSql = `
CREATE FUNCTION bus.publish(
  p_topic text[], p_lane smallint[], p_count int[], p_batch int[], p_event uuid[], p_key text[], p_value text[]
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE base bigint[];
BEGIN
  PERFORM FROM bus.lane l JOIN unnest(p_topic, p_lane) u (topic, lane) USING (topic, lane)
    ORDER BY l.topic, l.lane FOR UPDATE OF l;
  WITH moved AS (
    UPDATE bus.lane l SET head = l.head + u.n
      FROM unnest(p_topic, p_lane, p_count) WITH ORDINALITY u (topic, lane, n, batch)
     WHERE l.topic = u.topic AND l.lane = u.lane RETURNING u.batch, l.head - u.n AS base)
  SELECT array_agg(m.base ORDER BY m.batch) INTO base FROM moved m;
  IF cardinality(base) IS DISTINCT FROM cardinality(p_topic) THEN
    RAISE EXCEPTION 'a topic or lane does not exist, or was named twice' USING ERRCODE = '22023';
  END IF;
  INSERT INTO bus.log (topic, lane, "position", event_id, key, value)
    SELECT p_topic[i.batch], p_lane[i.batch], base[i.batch] + row_number() OVER (PARTITION BY i.batch ORDER BY i.place),
           i.event, i.key, i.value
      FROM unnest(p_batch, p_event, p_key, p_value) WITH ORDINALITY i (batch, event, key, value, place);
  PERFORM pg_notify('bus_log', string_agg(u.topic || '/' || u.lane, ',')) FROM unnest(p_topic, p_lane) u (topic, lane);
END $$;
`;

/**
 * One look of a consumer: renews its lease, moves its positions, and reads on in the lanes that are wanted. Lanes that are
 * no longer the caller's give nothing back. The write makes the reads as durable as the standbys promise (R13).
 */
const consumeSql = `
CREATE FUNCTION bus.consume(
  p_group text, p_owner text, p_lease_ms int, p_topic text[], p_lane smallint[], p_epoch bigint[], p_position bigint[],
  p_wanted boolean[], p_limit int
) RETURNS TABLE (topic text, lane smallint, "position" bigint, event_id uuid, key text, value text)
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  PERFORM bus.still_alive(p_group, p_owner, p_lease_ms);
  UPDATE bus.lane_lease k SET "position" = u.position
    FROM unnest(p_topic, p_lane, p_epoch, p_position) u (topic, lane, epoch, position)
   WHERE k.scope = p_group AND k.topic = u.topic AND k.lane = u.lane AND k.owner = p_owner AND k.epoch = u.epoch
     AND k.position < u.position;
  RETURN QUERY
    SELECT u.topic, u.lane, r.position, r.event_id, r.key, r.value
      FROM unnest(p_topic, p_lane, p_epoch, p_position, p_wanted) u (topic, lane, epoch, position, wanted)
      JOIN bus.lane_lease k ON k.scope = p_group AND k.topic = u.topic AND k.lane = u.lane
                           AND k.owner = p_owner AND k.epoch = u.epoch
      JOIN bus.lane l ON l.topic = u.topic AND l.lane = u.lane AND l.head > u.position
     CROSS JOIN LATERAL (
       SELECT g.position, g.event_id, g.key, g.value FROM bus.log g
        WHERE g.topic = u.topic AND g.lane = u.lane AND g.position > u.position ORDER BY g.position LIMIT p_limit) r
     WHERE u.wanted;
END $$;
`;

/** Whether every group has read everything in a partition of the log (R16). Dead letters are kept for their age alone. */
const logIsReadSql = `
CREATE FUNCTION bus.log_is_read(p_partition regclass) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE unread boolean;
BEGIN
  EXECUTE format('
    SELECT EXISTS (
      SELECT FROM bus.lane_lease k
       WHERE (SELECT max(g."position") FROM %s g WHERE g.topic = k.topic AND g.lane = k.lane) > k."position")', p_partition)
    INTO unread;
  RETURN NOT unread;
END $$;
`;
