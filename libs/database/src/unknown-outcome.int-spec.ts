import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { compose, loadConfig } from '#libs/config';
import { eventually } from '../../../test/support/eventually.js';
import { OwnPostgres } from '../../../test/support/own-postgres.js';
import { bootstrapDatabase } from './bootstrap.js';
import { databaseConfig } from './database.config.js';
import type { Database } from './database.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { named } from './statement.js';

class CreateNote1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (name text PRIMARY KEY)');
  }

  async down(): Promise<void> {}
}

const insert = named(
  'insert-note',
  'INSERT INTO note (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = note.name',
);
const ANSWER_TIMEOUT_MS = 1_000;
const MAX_ABANDONED = 2;

/** COMMIT waits for a standby that does not exist: as long as this holds, every commit is in flight. */
const holdCommits = (server: OwnPostgres): Promise<unknown> =>
  configure(server, `SET synchronous_standby_names = 'nobody'`);
const letCommitsGo = (server: OwnPostgres): Promise<unknown> => configure(server, 'RESET synchronous_standby_names');

async function configure(server: OwnPostgres, change: string): Promise<void> {
  await server.query(`ALTER SYSTEM ${change}`);
  await server.query('SELECT pg_reload_conf()');
  const wanted = change.startsWith('RESET') ? '' : 'nobody';
  await eventually(async () => {
    const [row] = await server.query<{ value: string }>(`SELECT current_setting('synchronous_standby_names') AS value`);
    expect(row?.value).toBe(wanted);
  });
}

describe('Database, when the outcome of a commit is in doubt', () => {
  let server: OwnPostgres;
  let database: Database;

  beforeAll(async () => {
    server = await OwnPostgres.prepare();
    await server.start();
    const password = 'test-password';
    const roles = ['twofold_owner', 'twofold_orders', 'twofold_payments', 'twofold_monitor', 'twofold_checker'];
    await bootstrapDatabase(server.url(), Object.fromEntries(roles.map((role) => [role, password])) as never);
    const settings = loadConfig(compose({ database: databaseConfig }), {
      DATABASE_NODES: `pg-1@seoul=127.0.0.1:${server.port}`,
      DATABASE_USER: 'twofold_orders',
      DATABASE_PASSWORD: password,
      DATABASE_OWNER_PASSWORD: password,
      DATABASE_ANSWER_TIMEOUT_MS: String(ANSWER_TIMEOUT_MS),
      DATABASE_MAX_ABANDONED: String(MAX_ABANDONED),
    }).database;
    await migrate({ schema: 'orders', migrations: [CreateNote1700000000000] }, settings);
    database = await openDatabase('orders', {}, settings, { name: 'order-1', site: 'seoul' });
    await database.call(insert, ['warm']);
  }, 60_000);

  afterEach(() => letCommitsGo(server));

  afterAll(async () => {
    await database.close();
    await server[Symbol.asyncDispose]();
  });

  const ended = (name: string): Promise<unknown> => database.call(insert, [name]).catch((error: unknown) => error);
  const unknown = { code: 'outcome-unknown' };
  const waiting = `FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;

  it.each([['pg_cancel_backend'], ['pg_terminate_backend']])('calls it unknown after %s', async (how) => {
    await holdCommits(server);
    const outcome = ended(how);
    await eventually(async () => expect(await server.query(`SELECT ${how}(pid) ${waiting}`)).toHaveLength(1));
    expect(await outcome).toMatchObject(unknown);
  });

  it('calls it unknown when no answer comes in time, destroys the socket, and cancels nothing', async () => {
    await holdCommits(server);
    const startedMs = performance.now();
    expect(await ended('slow')).toMatchObject(unknown);
    expect(performance.now() - startedMs).toBeLessThan(ANSWER_TIMEOUT_MS + 500);
    expect(await server.query(`SELECT 1 ${waiting}`)).toHaveLength(1);
  });

  it('sends nothing more when too many sessions were given up, until the server has ended them', async () => {
    await holdCommits(server);
    await Promise.all(['a', 'b'].map(ended));
    const refused = await database.call(insert, ['c'], { patienceMs: 100 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'unavailable' });
    await letCommitsGo(server);
    await eventually(() => database.call(insert, ['c'], { patienceMs: 100 }), { timeoutMs: 5_000 });
  });

  it('repeats what is repeatable until it knows', async () => {
    await holdCommits(server);
    const outcome = database.call(insert, ['again'], { repeatable: true });
    await eventually(async () => expect(await server.query(`SELECT 1 ${waiting}`)).toHaveLength(1));
    await server.query(`SELECT pg_terminate_backend(pid) ${waiting}`);
    await letCommitsGo(server);
    expect(await outcome).toEqual([]);
  });

  it('ends a transaction that swallowed nothing as unknown too, when its COMMIT is cut off', async () => {
    await holdCommits(server);
    const outcome = database.write((tx) => tx.run(insert, ['written'])).catch((error: unknown) => error);
    await eventually(async () =>
      expect(await server.query(`SELECT pg_terminate_backend(pid) ${waiting}`)).toHaveLength(1),
    );
    expect(await outcome).toMatchObject(unknown);
  });

  describe('when the whole server is killed', () => {
    it('waits for it to come back and then writes', async () => {
      server.kill();
      const written = database.call(insert, ['after the crash'], { repeatable: true });
      await server.start();
      expect(await written).toEqual([]);
    });
  });
});
