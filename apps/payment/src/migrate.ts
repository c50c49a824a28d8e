import { compose } from '#libs/config';
import { databaseConfig, migrate } from '#libs/database';
import { migrateBus } from '#libs/messaging';
import { outboxKeepDays, retentionConfig } from '#libs/outbox';
import { runTask } from '#libs/service-defaults';
import { migrations } from './migrations/index.js';
import { SCHEMA } from './schema.js';

await runTask(
  async ({ config }) => {
    await migrate({ schema: SCHEMA, migrations, keepDays: outboxKeepDays(config.retention) }, config.database);
    await migrateBus(config.database);
  },
  { name: 'payment-migrate', config: compose({ database: databaseConfig, retention: retentionConfig }) },
);
