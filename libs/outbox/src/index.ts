export { type NewEvent, type SealedEvent, sealEvent } from './event.js';
export { Inbox } from './inbox.js';
export { MAX_APPENDED_EVENTS, Outbox } from './outbox.js';
export { OutboxModule } from './outbox.module.js';
export { OutboxProbe } from './outbox.probe.js';
export { type OutboxSchemaOptions, outboxChannel, outboxSchemaSql, relayLookSql } from './outbox-schema.sql.js';
export { relayConfig } from './relay.config.js';
export { Relay } from './relay.js';
export { outboxKeepDays, retentionConfig } from './retention.config.js';
