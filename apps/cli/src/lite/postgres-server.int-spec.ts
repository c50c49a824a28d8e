import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { eventually } from '../../../../test/support/eventually.js';
import { freePort } from '../../../../test/support/free-port.js';
import { PostgresServer } from './postgres-server.js';
import { isAlive, processesIn } from './process-table.js';
import { Watchdog } from './watchdog.js';

const root = mkdtempSync(join(tmpdir(), 'twofold-server-'));
const password = randomBytes(8).toString('hex');
let server: PostgresServer;
let port: number;

async function query(sql: string): Promise<string> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return String(Object.values((await client.query(sql)).rows[0] ?? {})[0]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe(PostgresServer.name, () => {
  beforeAll(async () => {
    chmodSync(root, 0o755);
    port = await freePort();
    const logFile = join(root, 'postgres.log');
    server = await PostgresServer.prepare({ folder: join(root, 'postgres'), port, password, logFile });
    await server.start();
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });

  describe('when it starts on an empty folder', () => {
    it('is Postgres 17, needs the password, and keeps its folder to itself', async () => {
      expect(await query('SHOW server_version')).toMatch(/^17\./);
      expect(statSync(server.folder).mode & 0o777).toBe(0o700);
      const stranger = new Client({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        password: 'wrong',
        database: 'postgres',
      });
      await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
    });
  });

  describe('when the postmaster is killed under a busy back end', () => {
    it('starts again with everything committed, after the back end is gone', async () => {
      await query('CREATE TABLE kept AS SELECT 42 AS answer');
      const busy = query('SELECT count(*) FROM generate_series(1, 20000000000)').catch((error: Error) => error.message);
      await eventually(async () =>
        expect(await query(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%20000000000%'`)).toBe('2'),
      );
      const killed = server.pid ?? 0;
      process.kill(killed, 'SIGKILL');
      await eventually(() => expect(isAlive(killed)).toBe(false));
      await server.start();
      expect(await query('SELECT answer FROM kept')).toBe('42');
      expect(await busy).toEqual(expect.stringContaining('terminated'));
    }, 30_000);
  });

  describe('when its launcher is gone', () => {
    it('shuts down cleanly within a second', async () => {
      const watchdog = new Watchdog();
      watchdog.watch(server.pid, []);
      // What the kernel does when the launcher dies: the pipe closes, without a last word.
      watchdog.abandon();
      await eventually(() => expect(processesIn(server.folder)).toEqual([]), { timeoutMs: 1_500 });
      await server.start();
      expect(await query('SELECT pg_is_in_recovery()')).toBe('false');
    }, 30_000);
  });
});
