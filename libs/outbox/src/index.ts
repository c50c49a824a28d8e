export { type NewEvent, type SealedEvent, sealEvent } from './event.js';
export { Inbox } from './inbox.js';
export { MAX_APPENDED_EVENTS, Outbox } from './outbox.js';
export { OutboxModule } from './outbox.module.js';
export { OutboxProbe } from './outbox.probe.js';
export { outboxChannel, type OutboxSchemaOptions, outboxSchemaSql } from './outbox-schema.sql.js';
export { Relay } from './relay.js';
export { relayConfig } from './relay.config.js';
