import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer as Server } from '../../apps/cli/src/lite/postgres-server.js';
import type { Watchdog as Dog } from '../../apps/cli/src/lite/watchdog.js';

// Jest compiles globalSetup but leaves its imports to Node, which does not know that a `.js` here is a `.ts`.
registerHooks({
  resolve: (specifier, context, next) => {
    const isOurs = /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

declare global {
  var testPostgres: { server: Server; watchdog: Dog; folder: string } | undefined;
}

/** Jest's globalSetup: one real Postgres 17 for all integration tests; each file gets a database of its own. */
export default async function startPostgres(): Promise<void> {
  const { PostgresServer } = await import('../../apps/cli/src/lite/postgres-server.js');
  const { freePort } = await import('./free-port.js');
  const { Watchdog } = await import('../../apps/cli/src/lite/watchdog.js');
  const { createTestRoles, TEST_POSTGRES_PASSWORD, TEST_POSTGRES_PORT } = await import('./test-database.js');
  const folder = mkdtempSync(join(tmpdir(), 'twofold-test-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const server = await PostgresServer.prepare({
    folder: join(folder, 'postgres'),
    port,
    password,
    logFile: join(folder, 'postgres.log'),
    // No test cuts the power, so nothing has to reach the disk.
    parameters: {
      max_connections: 400,
      fsync: 'off',
      full_page_writes: 'off',
      wal_level: 'logical',
      shared_preload_libraries: 'pg_stat_statements',
    },
  });
  await server.start();
  // A test run that is killed leaves no server behind.
  const watchdog = new Watchdog();
  watchdog.watch(server.pid, []);
  globalThis.testPostgres = { server, watchdog, folder };
  process.env[TEST_POSTGRES_PORT] = String(port);
  process.env[TEST_POSTGRES_PASSWORD] = password;
  await createTestRoles();
}
