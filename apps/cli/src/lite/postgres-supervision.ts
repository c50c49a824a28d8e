import { closeSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from './instance.js';
import { logPath, openLog } from './log-files.js';
import { PostgresServer } from './postgres-server.js';
import { readSecret } from './secrets.js';
import type { Supervised } from './supervised-process.js';

/** A fast shutdown writes a checkpoint; on a slow disk that takes a while. */
const END_PATIENCE_MS = 20_000;
const MAX_CONNECTIONS = 120;

/** Opens this instance's Postgres. */
export function openPostgres(instance: Instance): Promise<PostgresServer> {
  closeSync(openLog(instance, 'pg-1'));
  return PostgresServer.prepare({
    folder: join(instance.folder, 'postgres'),
    port: instance.port('pg-1'),
    password: readSecret(instance, 'database-superuser'),
    logFile: logPath(instance, 'pg-1'),
    parameters: { max_connections: MAX_CONNECTIONS },
  });
}

/** How Postgres is kept running. */
export function supervisePostgres(server: PostgresServer): Supervised {
  return {
    name: 'pg-1',
    launch: (report) => server.start(report),
    end: (child) => child.kill('SIGINT'),
    endPatienceMs: END_PATIENCE_MS,
  };
}
