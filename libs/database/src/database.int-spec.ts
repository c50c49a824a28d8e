import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';
import { compose, loadConfig } from '#libs/config';
import { eventually } from '../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { databaseConfig } from './database.config.js';
import type { Database } from './database.js';
import { constraintOf, sqlStateOf } from './failure.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { named, unnamed } from './statement.js';

@Entity('counter')
class Counter {
  @PrimaryColumn('text')
  name: string;

  @Column('bigint')
  value: number;
}

let runs = 0;

class CreateCounter1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    runs++;
    await runner.query('CREATE TABLE counter (name text PRIMARY KEY, value bigint NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE counter');
  }
}

const insert = named('insert-counter', 'INSERT INTO counter (name, value) VALUES ($1, $2)');
const select = named('select-counter', 'SELECT value FROM counter WHERE name = $1');
const increment = named('increment', 'UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value');

const settingsOf = (test: TestDatabase, more: Record<string, string> = {}) =>
  loadConfig(compose({ database: databaseConfig }), { ...test.environment(), ...more }).database;

describe('Database', () => {
  let test: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    test = await createTestDatabase();
    const plan = { schema: 'orders', migrations: [CreateCounter1700000000000] };
    await Promise.all([
      migrate(plan, settingsOf(test)),
      migrate(plan, settingsOf(test)),
      migrate(plan, settingsOf(test)),
    ]);
    const self = { name: 'order-1', site: 'seoul' };
    database = await openDatabase('orders', { entities: [Counter] }, settingsOf(test), self);
  });

  afterAll(async () => {
    await database.close();
    await test[Symbol.asyncDispose]();
  });

  it('plans without sequential scans: a table without statistics would be read whole, also when it has grown', async () => {
    const shown = await database.read((tx) => tx.run(unnamed('SHOW enable_seqscan'), []));
    expect(shown).toEqual([{ enable_seqscan: 'off' }]);
  });

  const valueOf = async (name: string): Promise<number | undefined> =>
    (await database.read((tx) => tx.run<{ value: number }>(select, [name])))[0]?.value;

  const backendsOf = async (): Promise<number[]> => {
    const rows = await test.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'order-1' AND datname = current_database()`,
    );
    return rows.map((row) => row.pid);
  };

  describe('when several processes migrate at once', () => {
    it('runs each migration once, and lets the service role in', () => {
      expect(runs).toBe(1);
    });
  });

  describe('when all is well', () => {
    it('commits named statements and entities in one transaction, with int8 as numbers', async () => {
      await database.write(async (tx) => {
        await tx.run(insert, ['both', 1]);
        await tx.entities.save(Counter, { name: 'entity', value: 41 });
        await tx.entities.increment(Counter, { name: 'entity' }, 'value', 1);
        expect(await tx.entities.findOneBy(Counter, { name: 'both' })).toEqual({ name: 'both', value: 1 });
      });
      expect(await valueOf('both')).toBe(1);
      expect(await valueOf('entity')).toBe(42);
    });

    it('runs one statement that commits by itself', async () => {
      await database.call(insert, ['called', 5]);
      expect(await database.call<{ value: number }>(increment, ['called'])).toEqual([{ value: 6 }]);
    });

    it('hands callers the SQLSTATE, and rolls back', async () => {
      const twice = database.write(async (tx) => {
        await tx.run(insert, ['undone', 1]);
        await tx.run(insert, ['both', 1]);
      });
      const error = await twice.catch((e: unknown) => e);
      expect([sqlStateOf(error), constraintOf(error)]).toEqual(['23505', 'counter_pkey']);
      expect(await valueOf('undone')).toBeUndefined();
    });

    it('refuses to write in a read', async () => {
      await expect(database.read((tx) => tx.run(insert, ['x', 1]))).rejects.toThrow('read-only');
    });

    it('tells a swallowed error from a commit', async () => {
      const swallowing = database.write(async (tx) => {
        await tx.run(insert, ['both', 1]).catch(() => undefined);
      });
      await expect(swallowing).rejects.toThrow('swallowed');
    });
  });

  describe('when absence must be proven', () => {
    it('writes to the log in the same transaction', async () => {
      const before = await test.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
      const found = await database.proveAbsent(async (tx) => (await tx.run(select, ['nobody']))[0]);
      const [written] = await test.query<{ bytes: string }>(
        `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::pg_lsn) AS bytes`,
        [before[0]?.lsn],
      );
      expect(found).toBeUndefined();
      expect(Number(written?.bytes)).toBeGreaterThan(0);
    });
  });

  describe('when two writes conflict', () => {
    it('runs the deadlocked one again', async () => {
      await database.call(insert, ['left', 0]);
      await database.call(insert, ['right', 0]);
      const cross = (first: string, second: string): Promise<void> =>
        database.write(async (tx) => {
          await tx.run(increment, [first]);
          await tx.run(unnamed('SELECT pg_sleep(0.1)'));
          await tx.run(increment, [second]);
        });
      await Promise.all([cross('left', 'right'), cross('right', 'left')]);
      expect([await valueOf('left'), await valueOf('right')]).toEqual([2, 2]);
    });
  });

  describe('when back ends are terminated', () => {
    it('before COMMIT, runs the work again and counts it once', async () => {
      await database.call(insert, ['survivor', 0]);
      let attempts = 0;
      await database.write(async (tx) => {
        const [row] = await tx.run<{ pid: number }>(unnamed('SELECT pg_backend_pid() AS pid'));
        await tx.run(increment, ['survivor']);
        if (++attempts === 1) await test.query('SELECT pg_terminate_backend($1)', [row?.pid]);
        await tx.run(select, ['survivor']);
      });
      expect(attempts).toBe(2);
      expect(await valueOf('survivor')).toBe(1);
    });

    it('in a statement that commits by itself, says that the outcome is unknown', async () => {
      const sleeping = database.call(unnamed('SELECT pg_sleep(2)')).catch((e: unknown) => e);
      await eventually(async () => {
        const rows = await test.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(2)' AND state = 'active'`,
        );
        expect(rows).toHaveLength(1);
      });
      expect(await sleeping).toMatchObject({ code: 'outcome-unknown', kind: 'unknown-outcome' });
    });

    it('while idle, nobody notices', async () => {
      for (const pid of await backendsOf()) await test.query('SELECT pg_terminate_backend($1)', [pid]);
      expect(await valueOf('survivor')).toBe(1);
    });
  });

  describe('when somebody notifies', () => {
    it('wakes up, also on the connection made after the first one broke', async () => {
      const heard: string[] = [];
      await using _subscription = await database.listen('wake', (payload) => heard.push(payload));
      await test.query(`SELECT pg_notify('wake', 'one')`);
      await eventually(() => expect(heard).toContain('one'));
      await test.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'order-1-listen'`,
      );
      await eventually(async () => {
        await test.query(`SELECT pg_notify('wake', 'two')`);
        expect(heard).toContain('two');
      });
    });
  });
});
