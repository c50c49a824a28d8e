import { LANES, TOPICS } from '#libs/contracts';
import { partitionedTableSql, partitionFunctionsSql } from '#libs/database';
import { laneLeaseSql } from '#libs/messaging';

/** Days an outbox row stays, at least; its day goes only when every lane's cursor is past it (R16). */
export const OUTBOX_KEEP_DAYS = 1;
/** Days an event id is remembered: longer than any topic keeps events plus the time in which they may be replayed (R16). */
export const INBOX_KEEP_DAYS = 9;
/** Scope of the relays of a schema among its lanes. */
export const RELAY_SCOPE = 'relay';
/** "Topic" of the relay's lanes, which belong to no single one. */
export const RELAY_TOPIC = 'outbox';

/** Channel that wakes the relays of a schema; the payload names lanes, `3,11`, or is empty for all. */
export const outboxChannel = (schema: string): string => `outbox_${schema}`;

/** @see outboxSchemaSql */
export type OutboxSchemaOptions = {
  /** Whether the schema's first migration has run `partitionFunctionsSql` already. @default false */
  readonly hasPartitionFunctions?: boolean;
};

/**
 * Outbox, inbox, relay lanes and partition keeping of a service's schema, as one script for the owner role. The caller's
 * migration grants the service DML on its tables, sequences and functions, as for its own.
 *
 * The id is drawn from one sequence (CACHE 1) once the transaction holds the aggregate's row: so ids rise per aggregate (R12).
 */
export function outboxSchemaSql(schema: string, { hasPartitionFunctions = false }: OutboxSchemaOptions = {}): string {
  return `${hasPartitionFunctions ? '' : partitionFunctionsSql(schema)}
CREATE SEQUENCE ${schema}.outbox_id CACHE 1;
CREATE TABLE ${schema}.outbox (
  event_id uuid NOT NULL PRIMARY KEY,
  id bigint NOT NULL DEFAULT nextval('${schema}.outbox_id'),
  lane smallint NOT NULL CHECK (lane BETWEEN 0 AND ${LANES - 1}),
  topic text NOT NULL CHECK (topic IN (${TOPICS.map((topic) => `'${topic}'`).join(', ')})),
  aggregate_id uuid NOT NULL,
  seq int NOT NULL CHECK (seq >= 1),
  key text NOT NULL,
  value text NOT NULL
) PARTITION BY RANGE (event_id);
CREATE INDEX outbox_lane_id ON ${schema}.outbox (lane, id);

CREATE TABLE ${schema}.inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (consumer, event_id)
) PARTITION BY RANGE (event_id);
${laneLeaseSql(schema)}
INSERT INTO ${schema}.lane_lease (scope, topic, lane)
  SELECT '${RELAY_SCOPE}', '${RELAY_TOPIC}', l FROM generate_series(0, ${LANES - 1}) l;
CREATE VIEW ${schema}.relay_lane AS
  SELECT k.lane, k.owner, k.epoch, m.expires, k."position" AS cursor
    FROM ${schema}.lane_lease k LEFT JOIN ${schema}.lane_member m USING (scope, owner) WHERE k.scope = '${RELAY_SCOPE}';
${appendEventsSql(schema)}${relayLookSql(schema)}${backlogSql(schema)}${isRelayedSql(schema)}
${partitionedTableSql({ schema, table: 'outbox', by: 'uuid', keepDays: OUTBOX_KEEP_DAYS, mayDrop: 'outbox_is_relayed' })}
${partitionedTableSql({ schema, table: 'inbox', by: 'uuid', keepDays: INBOX_KEEP_DAYS })}`;
}

/** Inserts events in the order given. The transaction gets its id before the first event does, as the horizon needs (R12). */
const appendEventsSql = (schema: string): string => `
CREATE FUNCTION ${schema}.append_events(
  p_event uuid[], p_lane smallint[], p_topic text[], p_aggregate uuid[], p_seq int[], p_key text[], p_value text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_current_xact_id();
  INSERT INTO ${schema}.outbox (event_id, lane, topic, aggregate_id, seq, key, value)
    SELECT u.event, u.lane, u.topic, u.aggregate, u.seq, u.key, u.value
      FROM unnest(p_event, p_lane, p_topic, p_aggregate, p_seq, p_key, p_value)
           WITH ORDINALITY u (event, lane, topic, aggregate, seq, key, value, place) ORDER BY u.place;
  PERFORM pg_notify('${outboxChannel(schema)}', string_agg(DISTINCT l::text, ',')) FROM unnest(p_lane) l;
END $$;
`;

/**
 * What a relay looks with. Replaces what an earlier version of it left: a migration runs it on tables that are there.
 * @see ../../../docs/adr/0011-the-horizon-reads-the-sequence-under-its-lock.md
 */
export const relayLookSql = (schema: string): string => `${lastIdSql(schema)}${relayStepSql(schema)}`;

/**
 * The last id drawn, 0 before the first. Under the lock of the sequence's page: \`SELECT last_value\` does not take it, and
 * finds a number up to 32 ahead while another session logs the sequence. An id that is drawn later would count as old (R12).
 */
const lastIdSql = (schema: string): string => `
CREATE OR REPLACE FUNCTION ${schema}.last_outbox_id() RETURNS bigint LANGUAGE sql VOLATILE
  RETURN coalesce(pg_sequence_last_value('${schema}.outbox_id'), 0);
`;

/**
 * One look of a relay: renews the lease, moves cursors, finds out how far reading is safe, and reads wanted lanes up to
 * there. Row one (lane -1) is the state for the next look: \`id\` safe, \`noted\` and \`xid\` the pair that still waits.
 *
 * Ids up to \`noted\` were drawn by transactions older than X, for they had their own id before. Once no transaction older
 * than X runs, all of them have ended: then everything up to \`noted\` that will ever be visible is (R12).
 */
const relayStepSql = (schema: string): string => `
CREATE OR REPLACE FUNCTION ${schema}.relay_step(
  p_owner text, p_lease_ms int, p_lane smallint[], p_epoch bigint[], p_cursor bigint[], p_wanted boolean[],
  p_safe bigint, p_noted bigint, p_xid text, p_limit int
) RETURNS TABLE (lane smallint, id bigint, event_id uuid, topic text, key text, value text, noted bigint, xid text)
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  last_id bigint; safe bigint := p_safe; own xid8; oldest xid8;
BEGIN
  last_id := ${schema}.last_outbox_id();
  PERFORM ${schema}.still_alive('${RELAY_SCOPE}', p_owner, p_lease_ms);
  own := pg_current_xact_id();
  UPDATE ${schema}.lane_lease k SET "position" = u.cursor
    FROM unnest(p_lane, p_epoch, p_cursor) u (lane, epoch, cursor)
   WHERE k.scope = '${RELAY_SCOPE}' AND k.topic = '${RELAY_TOPIC}' AND k.lane = u.lane
     AND k.owner = p_owner AND k.epoch = u.epoch AND k.position < u.cursor;
  -- In a statement of its own: its snapshot must be younger than this transaction's id.
  SELECT pg_snapshot_xmin(pg_current_snapshot()) INTO oldest;
  IF oldest >= own THEN
    safe := greatest(safe, last_id);
  ELSIF p_xid <> '0' AND oldest >= p_xid::xid8 THEN
    safe := greatest(safe, p_noted);
  ELSIF p_xid <> '0' THEN
    -- The older pair still waits. Replaced at every look it would never come true beside a long writer.
    last_id := p_noted; own := p_xid::xid8;
  END IF;
  lane := -1; id := safe; noted := last_id; xid := own::text;
  RETURN NEXT;
  RETURN QUERY
    SELECT u.lane, o.id, o.event_id, o.topic, o.key, o.value, NULL::bigint, NULL::text
      FROM unnest(p_lane, p_epoch, p_cursor, p_wanted) u (lane, epoch, cursor, wanted)
      JOIN ${schema}.lane_lease k ON k.scope = '${RELAY_SCOPE}' AND k.topic = '${RELAY_TOPIC}' AND k.lane = u.lane
                                 AND k.owner = p_owner AND k.epoch = u.epoch
     CROSS JOIN LATERAL (
       SELECT e.id, e.event_id, e.topic, e.key, e.value FROM ${schema}.outbox e
        WHERE e.lane = u.lane AND e.id > u.cursor AND e.id <= safe ORDER BY e.id LIMIT p_limit) o
     WHERE u.wanted;
END $$;
`;

/** Most rows that are counted: the cost must not grow with the backlog. */
const MAX_COUNTED = 1_000;

/** Events not sent yet, counted up to ${MAX_COUNTED} per lane, and the id of the oldest. */
const backlogSql = (schema: string): string => `
CREATE FUNCTION ${schema}.outbox_backlog(OUT backlog bigint, OUT oldest uuid) LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  SELECT coalesce(sum(c.n), 0)::bigint, (array_agg(c.oldest ORDER BY c.first) FILTER (WHERE c.n > 0))[1]
    FROM ${schema}.lane_lease k
   CROSS JOIN LATERAL (
     SELECT count(*) AS n, min(e.id) AS first, (array_agg(e.event_id ORDER BY e.id))[1] AS oldest
       FROM (SELECT o.id, o.event_id FROM ${schema}.outbox o
              WHERE o.lane = k.lane AND o.id > k.position ORDER BY o.id LIMIT ${MAX_COUNTED}) e) c
   WHERE k.scope = '${RELAY_SCOPE}'
$$;
`;

/** Whether all cursors are past a partition of the outbox (R16). */
const isRelayedSql = (schema: string): string => `
CREATE FUNCTION ${schema}.outbox_is_relayed(p_partition regclass) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE relayed boolean;
BEGIN
  EXECUTE format('
    SELECT coalesce((SELECT max(id) FROM %s)
      <= (SELECT min("position") FROM ${schema}.lane_lease WHERE scope = ''${RELAY_SCOPE}''), true)', p_partition) INTO relayed;
  RETURN relayed;
END $$;
`;
