import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresServer as Server } from '../../apps/cli/src/lite/postgres-server.js';

// Jest compiles globalSetup but leaves its imports to Node, which does not know that a `.js` here is a `.ts`.
registerHooks({
  resolve: (specifier, context, next) => {
    const isOurs = /^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

declare global {
  var testPostgres: { server: Server; folder: string } | undefined;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Jest's globalSetup: one real Postgres 17 for all integration tests; each file gets a database of its own. */
export default async function startPostgres(): Promise<void> {
  const { PostgresServer } = await import('../../apps/cli/src/lite/postgres-server.js');
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
    parameters: { max_connections: 400, fsync: 'off', full_page_writes: 'off', wal_level: 'logical' },
  });
  await server.start();
  globalThis.testPostgres = { server, folder };
  process.env[TEST_POSTGRES_PORT] = String(port);
  process.env[TEST_POSTGRES_PASSWORD] = password;
  await createTestRoles();
}
