import { LANES } from '#libs/contracts';

/**
 * Tables and functions by which the processes of one scope (a consumer group, the relays of a schema) share lanes (R14).
 * A lane belongs to `owner` under `epoch` while the owner's row in `lane_member` has not expired by the database's clock;
 * one such row per process, because renewing a row per lane costs a hundred writes a second when nothing happens.
 * Every move of a position is `WHERE epoch = mine`: an ex-owner moves nothing.
 */
export function laneLeaseSql(schema: string): string {
  return `
CREATE TABLE ${schema}.lane_member (
  scope text NOT NULL,
  owner text NOT NULL,
  expires timestamptz NOT NULL,
  PRIMARY KEY (scope, owner)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200);

CREATE TABLE ${schema}.lane_lease (
  scope text NOT NULL,
  topic text NOT NULL,
  lane smallint NOT NULL CHECK (lane BETWEEN 0 AND ${LANES - 1}),
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  position bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (scope, topic, lane)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200);
${stillAliveSql(schema)}${shareLanesSql(schema)}${releaseLanesSql(schema)}`;
}

/** Renews the caller's lease. Always writes, so that what the same transaction reads has reached the standbys (R13). */
const stillAliveSql = (schema: string): string => `
CREATE FUNCTION ${schema}.still_alive(p_scope text, p_owner text, p_lease_ms int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ${schema}.lane_member AS m (scope, owner, expires)
  VALUES (p_scope, p_owner, clock_timestamp() + p_lease_ms * interval '1 ms')
  ON CONFLICT (scope, owner) DO UPDATE SET expires = excluded.expires
$$;
`;

/**
 * Takes the caller's fair share of free lanes and returns all it owns; `surplus` ones are to be released. A new epoch with
 * every change of owner. One member at a time, or two would count each other wrong.
 */
const shareLanesSql = (schema: string): string => `
CREATE FUNCTION ${schema}.share_lanes(p_scope text, p_owner text, p_topics text[], p_lease_ms int)
  RETURNS TABLE (topic text, lane smallint, epoch bigint, "position" bigint, surplus boolean) LANGUAGE plpgsql AS $$
DECLARE
  members int; place int; total int := ${LANES} * cardinality(p_topics); fair int; mine int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.lanes:' || p_scope, 0));
  PERFORM ${schema}.still_alive(p_scope, p_owner, p_lease_ms);
  DELETE FROM ${schema}.lane_member m WHERE m.scope = p_scope AND m.expires < clock_timestamp() - interval '1 minute';
  INSERT INTO ${schema}.lane_lease (scope, topic, lane)
    SELECT p_scope, t, l FROM unnest(p_topics) t, generate_series(0, ${LANES - 1}) l
     WHERE NOT EXISTS (SELECT FROM ${schema}.lane_lease k WHERE k.scope = p_scope AND k.topic = t AND k.lane = l);
  SELECT count(*), count(*) FILTER (WHERE m.owner < p_owner) INTO members, place
    FROM ${schema}.lane_member m WHERE m.scope = p_scope AND m.expires > clock_timestamp();
  fair := total / members + (place < total % members)::int;
  SELECT count(*) INTO mine FROM ${schema}.lane_lease k
   WHERE k.scope = p_scope AND k.owner = p_owner AND k.topic = ANY (p_topics);
  IF mine < fair THEN
    UPDATE ${schema}.lane_lease k SET owner = p_owner, epoch = k.epoch + 1
     WHERE (k.scope, k.topic, k.lane) IN (
       SELECT f.scope, f.topic, f.lane FROM ${schema}.lane_lease f
        WHERE f.scope = p_scope AND f.topic = ANY (p_topics) AND (f.owner IS NULL OR NOT EXISTS (
          SELECT FROM ${schema}.lane_member m
           WHERE m.scope = p_scope AND m.owner = f.owner AND m.expires > clock_timestamp()))
        ORDER BY f.lane, f.topic LIMIT fair - mine FOR UPDATE);
  END IF;
  RETURN QUERY SELECT k.topic, k.lane, k.epoch, k.position, row_number() OVER (ORDER BY k.lane, k.topic) > fair
    FROM ${schema}.lane_lease k WHERE k.scope = p_scope AND k.owner = p_owner AND k.topic = ANY (p_topics);
END $$;
`;

/** Hands lanes on, with how far they got; all of them when the caller leaves. Wakes those who may take them. */
const releaseLanesSql = (schema: string): string => `
CREATE FUNCTION ${schema}.release_lanes(
  p_scope text, p_owner text, p_topic text[], p_lane smallint[], p_epoch bigint[], p_position bigint[], p_leave boolean
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.lanes:' || p_scope, 0));
  UPDATE ${schema}.lane_lease k SET owner = NULL, position = greatest(k.position, u.position)
    FROM unnest(p_topic, p_lane, p_epoch, p_position) u (topic, lane, epoch, position)
   WHERE k.scope = p_scope AND k.topic = u.topic AND k.lane = u.lane AND k.owner = p_owner AND k.epoch = u.epoch;
  IF p_leave THEN
    DELETE FROM ${schema}.lane_member m WHERE m.scope = p_scope AND m.owner = p_owner;
  END IF;
  PERFORM pg_notify('${schema}_lanes', p_scope);
END $$;
`;
