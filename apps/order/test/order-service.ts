import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, loadConfig } from '#libs/config';
import { databaseConfig, migrate, openDatabase } from '#libs/database';
import { migrateBus } from '#libs/messaging';
import { createKeyPair, createTokenSigner, type TokenRequest } from '#libs/security';
import { createService, type Service } from '#libs/service-defaults';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { migrations } from '../src/migrations/index.js';
import { OrderModule } from '../src/order.module.js';
import { sampleCatalogue } from '../src/sample-catalogue.js';
import { SCHEMA } from '../src/schema.js';
import { seedCatalogue } from '../src/seed-catalogue.js';
import { orderApi, orderServiceConfig } from '../src/service.config.js';

const PRODUCTS = 120;

/** The whole order service, listening, on a database of its own. */
export type OrderService = AsyncDisposable & {
  readonly url: string;
  readonly app: Service['app'];
  readonly test: TestDatabase;
  sign(request: TokenRequest): Promise<string>;
};

export async function startOrderService(environment: Record<string, string> = {}): Promise<OrderService> {
  const test = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'twofold-order-'));
  const keys = await createKeyPair('test');
  const jwksFile = join(folder, 'jwks.json');
  writeFileSync(jwksFile, keys.publicJwks);
  await prepare(test);
  const options = { name: 'order', config: orderServiceConfig, docs: orderApi };
  const env = { ...test.environment(), AUTH_JWKS_FILE: jwksFile, HTTP_PORT: '0', ...environment };
  const { app } = await createService(OrderModule, options, env);
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  return {
    url: await app.getUrl(),
    app,
    test,
    sign: await createTokenSigner(keys.privateJwk),
    async [Symbol.asyncDispose]() {
      await app.close();
      await test[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function prepare(test: TestDatabase): Promise<void> {
  const config = loadConfig(compose({ database: databaseConfig }), test.environment());
  await migrate({ schema: SCHEMA, migrations }, config.database);
  await migrateBus(config.database);
  const database = await openDatabase(SCHEMA, {}, config.database, { name: 'seed', site: 'seoul' });
  await seedCatalogue(database, sampleCatalogue(PRODUCTS, 10_000));
  await database.close();
}
