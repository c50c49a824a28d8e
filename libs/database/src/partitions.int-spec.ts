import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { compose, loadConfig } from '#libs/config';
import { uuidv7 } from '#libs/contracts';
import { eventually } from '../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { databaseConfig } from './database.config.js';
import type { Database } from './database.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { PartitionKeeper } from './partition-keeper.js';
import { DAYS_AHEAD, partitionedTableSql, partitionFunctionsSql } from './partitions.sql.js';

const DAY_MS = 86_400_000;

class CreateNotes1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${partitionFunctionsSql('orders')}
      CREATE TABLE orders.note (id uuid PRIMARY KEY, text text NOT NULL CHECK (text <> '')) PARTITION BY RANGE (id);
      CREATE TABLE orders.visit (day date NOT NULL, id int NOT NULL, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
      CREATE FUNCTION orders.visits_are_counted(p_partition regclass) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE uncounted boolean;
        BEGIN
          EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE id < 0)', p_partition) INTO uncounted;
          RETURN NOT uncounted;
        END $$;
      ${partitionedTableSql({ schema: 'orders', table: 'note', by: 'uuid', keepDays: 3 })}
      ${partitionedTableSql({ schema: 'orders', table: 'visit', by: 'day', keepDays: 3, mayDrop: 'visits_are_counted' })}`);
  }
  async down(): Promise<void> {}
}

describe(PartitionKeeper.name, () => {
  let test: TestDatabase;
  let database: Database;
  let keeper: PartitionKeeper;
  let migrateWith: (keepDays: Record<string, number>) => Promise<void>;

  const partitionOf = async (table: string, id: string): Promise<string> => {
    const [row] = await test.query<{ part: string }>(
      `SELECT tableoid::regclass::text AS part FROM orders.${table} WHERE id::text = $1`,
      [id],
    );
    return row?.part ?? 'nowhere';
  };
  const dayName = (table: string, offsetDays: number): string =>
    `${table}_${new Date(Date.now() + offsetDays * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;
  const exists = async (name: string): Promise<boolean> => {
    const [row] = await test.query<{ oid: string | null }>('SELECT to_regclass($1) AS oid', [`orders.${name}`]);
    return row?.oid !== null;
  };
  /** As though the table had been used for days. */
  const addOld = (table: string, offsetDays: number) =>
    test.query(`SELECT orders.add_partition($1, current_date + $2::int)`, [table, offsetDays]);
  const isQuietTime = (): boolean => {
    const now = new Date().toISOString().slice(11, 16);
    return now >= '01:00' && now <= '23:00';
  };

  const keepDaysOf = async (table: string): Promise<number | undefined> => {
    const sql = 'SELECT keep_days FROM orders.partitioned WHERE table_name = $1';
    return (await test.query<{ keep_days: number }>(sql, [table]))[0]?.keep_days;
  };

  /** A round gives up after a second without a session, and so may need another on a busy machine. */
  const keepNow = () => eventually(() => keeper.keep());

  beforeAll(async () => {
    test = await createTestDatabase();
    const settings = loadConfig(compose({ database: databaseConfig }), test.environment()).database;
    migrateWith = (keepDays) =>
      migrate({ schema: 'orders', migrations: [CreateNotes1700000000000], keepDays }, settings);
    await migrateWith({});
    database = await openDatabase('orders', {}, settings, { name: 'test', site: 'seoul' });
    keeper = new PartitionKeeper(database, 'orders');
  });

  afterAll(async () => {
    await database.close();
    await test[Symbol.asyncDispose]();
  });

  describe('when rows of several days come', () => {
    it('puts each into its day, and what fits nowhere into DEFAULT', async () => {
      const offsets = [0, -1, DAYS_AHEAD, 40];
      const ids = offsets.map((offset) => uuidv7(Date.now() + offset * DAY_MS));
      for (const id of ids) await test.query(`INSERT INTO orders.note VALUES ($1, 'x')`, [id]);
      const parts = await Promise.all(ids.map((id) => partitionOf('note', id)));
      const days = offsets.slice(0, 3).map((offset) => `orders.${dayName('note', offset)}`);
      expect(parts).toEqual([...days, 'orders.note_default']);
    });
  });

  describe('when the settings keep a table for other than its usual time', () => {
    it('takes it over at every migration, and leaves the others', async () => {
      await migrateWith({ note: 30 });
      expect([await keepDaysOf('note'), await keepDaysOf('visit')]).toEqual([30, 3]);
      await migrateWith({ note: 3 });
      expect(await keepDaysOf('note')).toBe(3);
    });

    it('names a table that has no days', () =>
      expect(migrateWith({ notes: 30 })).rejects.toThrow('orders.notes is no table in day partitions'));
  });

  describe('when a service, which owns no table, keeps them', () => {
    it('makes the days that are missing', async () => {
      await test.query(`DROP TABLE orders.${dayName('visit', DAYS_AHEAD)}`);
      await keepNow();
      expect(await exists(dayName('visit', DAYS_AHEAD))).toBe(true);
      expect(keeper.tablesRunningShort).toEqual([]);
    });

    it('calls a table short when a day cannot be made because its rows lie in DEFAULT', async () => {
      for (const days of [2, 3]) await test.query(`DROP TABLE orders.${dayName('visit', days)}`);
      await test.query('INSERT INTO orders.visit SELECT current_date + 2, 1');
      await keepNow();
      expect(keeper.tablesRunningShort).toEqual(['orders.visit']);
      await test.query('DELETE FROM orders.visit_default');
      await keepNow();
      expect(keeper.tablesRunningShort).toEqual([]);
    });

    it('drops a day that is old enough, at quiet hours only', async () => {
      await addOld('note', -4);
      await addOld('note', -3);
      await keepNow();
      expect(await exists(dayName('note', -4))).toBe(!isQuietTime());
      expect(await exists(dayName('note', -3))).toBe(true);
    });

    it('keeps an old day that somebody still needs', async () => {
      await addOld('visit', -5);
      await test.query('INSERT INTO orders.visit SELECT current_date - 5, -1');
      await keepNow();
      expect(await exists(dayName('visit', -5))).toBe(true);
      await test.query('UPDATE orders.visit SET id = 1');
      await keepNow();
      expect(await exists(dayName('visit', -5))).toBe(!isQuietTime());
    });
  });
});
