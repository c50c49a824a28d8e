import { named, type Statement } from '#libs/database';

/** @see outboxSchemaSql */
export const relayStep = (schema: string): Statement =>
  named(
    `${schema}-relay-step`,
    `SELECT lane, id, event_id AS "eventId", topic, key, value, noted, xid
       FROM ${schema}.relay_step($1, $2, $3::smallint[], $4::bigint[], $5::bigint[], $6::boolean[], $7, $8, $9, $10)`,
  );

/** @see outboxSchemaSql */
export const outboxBacklog = (schema: string): Statement =>
  named(`${schema}-outbox-backlog`, `SELECT backlog, oldest FROM ${schema}.outbox_backlog()`);
