import type { ConfigOf } from '#libs/config';
import { type databaseConfig, migrate } from '#libs/database';
import { BUS_SCHEMA } from './bus-schema.sql.js';
import { CreateBus1764000000000 } from './migrations/1764000000000-create-bus.js';

/**
 * Brings the schema of the embedded bus up to date, as the owner; services take turns. Harmless where Kafka is the bus.
 * @throws AppError as `migrate` of `#libs/database`
 */
export function migrateBus(settings: ConfigOf<typeof databaseConfig>): Promise<void> {
  return migrate({ schema: BUS_SCHEMA, migrations: [CreateBus1764000000000] }, settings);
}
