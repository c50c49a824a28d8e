import { compose } from '#libs/config';
import { Database, DatabaseModule, databaseConfig } from '#libs/database';
import { runTask } from '#libs/service-defaults';
import { logger } from '#libs/telemetry';
import { SCARCE_STOCK, sampleCatalogue } from './sample-catalogue.js';
import { SCHEMA } from './schema.js';
import { seedConfig } from './seed.config.js';
import { refillCatalogue, seedCatalogue } from './seed-catalogue.js';

const log = logger('seed');
const FIRST_STOCK = 10_000;

await runTask(
  async (task) => {
    const { config } = task;
    const database = (await task.wire(DatabaseModule.forSchema(SCHEMA))).get(Database);
    const products = sampleCatalogue(config.seed.products, config.seed.stock ?? FIRST_STOCK);
    await seedCatalogue(database, products);
    const plenty = products.filter((product) => product.stocked !== SCARCE_STOCK);
    const refilled = config.seed.stock === undefined ? 0 : await refillCatalogue(database, plenty);
    log.info({ products: products.length, refilled }, 'catalogue is on the shelf');
  },
  { name: 'order-seed', config: compose({ database: databaseConfig, seed: seedConfig }) },
);
