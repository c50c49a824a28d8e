import { compose } from '#libs/config';
import { databaseConfig, migrate } from '#libs/database';
import { migrateBus } from '#libs/messaging';
import { outboxKeepDays, retentionConfig } from '#libs/outbox';
import { runTask } from '#libs/service-defaults';
import { migrations } from './migrations/index.js';
import { orderKeepDays, orderRetentionConfig } from './order-retention.config.js';
import { SCHEMA } from './schema.js';

await runTask(
  async ({ config }) => {
    const keepDays = { ...outboxKeepDays(config.retention), ...orderKeepDays(config.orderRetention) };
    await migrate({ schema: SCHEMA, migrations, keepDays }, config.database);
    await migrateBus(config.database);
  },
  {
    name: 'order-migrate',
    config: compose({ database: databaseConfig, retention: retentionConfig, orderRetention: orderRetentionConfig }),
  },
);
