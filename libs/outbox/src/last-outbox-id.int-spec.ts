import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { relayLookSql } from './outbox-schema.sql.js';

const LOOKS = 300_000;
const DRAWS_PER_STATEMENT = 20_000;

/** How many of `n` looks saw a number that only the next draw, or none yet, has given out. */
const looksAhead = `
CREATE FUNCTION orders.looks_ahead(n int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE seen bigint; ahead int := 0;
BEGIN
  FOR i IN 1 .. n LOOP
    seen := orders.last_outbox_id();
    IF seen >= nextval('orders.outbox_id') THEN ahead := ahead + 1; END IF;
  END LOOP;
  RETURN ahead;
END $$`;

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await test.query('CREATE SCHEMA orders');
  await test.query('CREATE SEQUENCE orders.outbox_id CACHE 1');
  await test.query(relayLookSql('orders'));
  await test.query(looksAhead);
});
afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

describe('last_outbox_id', () => {
  it('is 0 before anything was drawn', async () => {
    expect(await test.query('SELECT orders.last_outbox_id() AS id')).toEqual([{ id: '0' }]);
  });

  describe('while others draw ids', () => {
    it('never names one that nobody has drawn yet', async () => {
      const over = new AbortController();
      const draw = async (): Promise<void> => {
        while (!over.signal.aborted)
          await test.query(`SELECT count(nextval('orders.outbox_id')) FROM generate_series(1, ${DRAWS_PER_STATEMENT})`);
      };
      const others = [draw(), draw()];
      const [row] = await test.query<{ ahead: number }>('SELECT orders.looks_ahead($1) AS ahead', [LOOKS]);
      over.abort();
      await Promise.all(others);
      expect(row?.ahead).toBe(0);
    }, 60_000);
  });
});
