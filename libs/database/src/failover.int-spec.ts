import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { compose, loadConfig } from '#libs/config';
import { eventually } from '../../../test/support/eventually.js';
import { OwnPostgres } from '../../../test/support/own-postgres.js';
import { bootstrapDatabase, DATABASE_ROLES } from './bootstrap.js';
import { databaseConfig } from './database.config.js';
import type { Database } from './database.js';
import { type Leadership, LeaderWitness } from './leader-witness.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { named, unnamed } from './statement.js';

class CreateNote1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (name text PRIMARY KEY)');
  }

  async down(): Promise<void> {}
}

class ScriptedWitness extends LeaderWitness {
  constructor(public name: string | undefined) {
    super();
  }

  async leader(): Promise<Leadership | undefined> {
    return this.name === undefined ? undefined : { name: this.name, revision: '1' };
  }
}

const insert = named(
  'insert-note',
  'INSERT INTO note (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = note.name',
);
const whichPort = unnamed('SELECT inet_server_port() AS port');
const PASSWORD = 'test-password';
const FRESH_MS = 2_000;

describe('Database on two sites', () => {
  let seoul: OwnPostgres;
  let tokyo: OwnPostgres;
  let database: Database;
  const witness = new ScriptedWitness('pg-1');

  const settings = () =>
    loadConfig(compose({ database: databaseConfig }), {
      DATABASE_NODES: `pg-1@seoul=127.0.0.1:${seoul.port}${tokyo ? `,pg-2@tokyo=127.0.0.1:${tokyo.port}` : ''}`,
      DATABASE_USER: 'twofold_orders',
      DATABASE_PASSWORD: PASSWORD,
      DATABASE_OWNER_PASSWORD: PASSWORD,
    }).database;

  beforeAll(async () => {
    seoul = await OwnPostgres.prepare();
    await seoul.start();
    await bootstrapDatabase(seoul.url(), Object.fromEntries(DATABASE_ROLES.map((role) => [role, PASSWORD])) as never);
    await migrate({ schema: 'orders', migrations: [CreateNote1700000000000] }, settings());
    await seoul.stop();
    tokyo = await OwnPostgres.standbyOf(seoul);
    await seoul.start();
    await tokyo.start();
    database = await openDatabase('orders', {}, settings(), { name: 'order-2', site: 'tokyo', witness });
  }, 60_000);

  afterAll(async () => {
    await database.close();
    await tokyo[Symbol.asyncDispose]();
    await seoul[Symbol.asyncDispose]();
  });

  const writesGoTo = async (): Promise<number | undefined> =>
    (await database.write((tx) => tx.run<{ port: number }>(whichPort)))[0]?.port;
  const readsGoTo = async (): Promise<number | undefined> =>
    (await database.read((tx) => tx.run<{ port: number }>(whichPort)))[0]?.port;

  it('writes to the primary, and reads from the replica of the own site', async () => {
    expect(await writesGoTo()).toBe(seoul.port);
    await eventually(async () => expect(await readsGoTo()).toBe(tokyo.port));
  });

  it('reads from the primary while the replica lags, and from the replica again when it caught up', async () => {
    await tokyo.query('SELECT pg_wal_replay_pause()');
    await database.call(insert, ['ahead']);
    await eventually(async () => expect(await readsGoTo()).toBe(seoul.port));
    await tokyo.query('SELECT pg_wal_replay_resume()');
    await eventually(async () => expect(await readsGoTo()).toBe(tokyo.port));
  });

  it('reads elsewhere when the replica cancels a read', async () => {
    let runs = 0;
    const ports = await database.read(async (tx) => {
      if (++runs === 1) await tx.run(unnamed(`SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)`));
      return tx.run<{ port: number }>(whichPort);
    });
    expect(ports).toEqual([{ port: seoul.port }]);
  });

  describe('when neither a primary nor a majority can be reached', () => {
    it('says so at once after 2 s, and is not ready', async () => {
      const alone = new ScriptedWitness(undefined);
      alone.leader = () => Promise.reject(new Error('no majority'));
      const nowhere = { ...settings(), nodes: [{ name: 'pg-9', site: 'osaka', host: '127.0.0.1', port: 1 }] };
      const cutOff = await openDatabase('orders', {}, nowhere, { name: 'order-9', site: 'osaka', witness: alone });
      const waitMs = async (): Promise<number> => {
        const startedMs = performance.now();
        await expect(cutOff.call(whichPort)).rejects.toMatchObject({ code: 'unavailable' });
        return performance.now() - startedMs;
      };
      expect(await waitMs()).toBeLessThan(3_000);
      expect(await waitMs()).toBeLessThan(200);
      expect(cutOff.health().status).toBe('down');
      await cutOff.close();
    });
  });

  describe('when nobody wants the answer any more', () => {
    it('does not start the write', async () => {
      const gone = database.write((tx) => tx.run(insert, ['gone']), { signal: AbortSignal.abort() });
      await expect(gone).rejects.toThrow('went away');
      expect(await seoul.query(`SELECT 1 FROM orders.note WHERE name = 'gone'`)).toHaveLength(0);
    });
  });

  describe('when the primary is frozen and its standby promoted', () => {
    it('lets go of it in time, waits to be told who leads, and never believes the old one again', async () => {
      const frozen = seoul.freeze();
      const startedMs = performance.now();
      const inFlight = await database.call(insert, ['frozen'], { patienceMs: 0 }).catch((error: unknown) => error);
      expect(inFlight).toMatchObject({ code: 'outcome-unknown' });
      expect(performance.now() - startedMs).toBeLessThan(FRESH_MS + 1_500);

      await tokyo.query('SELECT pg_promote()');
      const unnamedYet = await database
        .call(insert, ['nobody leads'], { patienceMs: 500 })
        .catch((error: unknown) => error);
      expect(unnamedYet).toMatchObject({ code: 'unavailable' });
      witness.name = 'pg-2';
      expect(await writesGoTo()).toBe(tokyo.port);

      frozen[Symbol.dispose]();
      await eventually(async () => expect(await seoul.query('SELECT 1')).toHaveLength(1));
      witness.name = 'pg-1';
      const ports = await Promise.all(Array.from({ length: 20 }, () => Promise.all([writesGoTo(), readsGoTo()])));
      expect(new Set(ports.flat())).toEqual(new Set([tokyo.port]));
    }, 30_000);
  });
});
