import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { compose, loadConfig } from '#libs/config';
import { LANES, ORDER_EVENTS, PAYMENT_EVENTS, uuidv7 } from '#libs/contracts';
import { type Database, databaseConfig, openDatabase } from '#libs/database';
import { AppError } from '#libs/errors';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import type { BusRecord, WireEvent } from '../event-bus.js';
import { busConfig } from '../messaging.config.js';
import { EmbeddedBus } from './embedded-bus.js';
import { migrateBus } from './migrate-bus.js';

const LEASE_MS = 1_500;

let test: TestDatabase;
const databases: Database[] = [];
const buses: EmbeddedBus[] = [];

const event = (n: number): WireEvent => ({ eventId: uuidv7(), key: `order-${n}`, value: JSON.stringify({ n }) });
const numbersOf = (records: readonly BusRecord[]): number[] => records.map((record) => JSON.parse(record.value).n);
const inLane = (records: readonly BusRecord[], lane: number) => records.filter((record) => record.lane === lane);

/** A process of its own, as far as the bus can tell. */
async function openBus(more: Record<string, string> = {}): Promise<{ bus: EmbeddedBus; database: Database }> {
  const composed = compose({ database: databaseConfig, bus: busConfig });
  const config = loadConfig(composed, {
    ...test.environment(),
    MESSAGING_LEASE_MS: String(LEASE_MS),
    ...more,
  });
  const database = await openDatabase('orders', {}, config.database, { name: 'test', site: 'seoul' });
  const bus = new EmbeddedBus(database, config.bus);
  databases.push(database);
  buses.push(bus);
  return { bus, database };
}

beforeAll(async () => {
  test = await createTestDatabase();
  await migrateBus(loadConfig(compose({ database: databaseConfig }), test.environment()).database);
});

afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
  await Promise.all(databases.splice(0).map((database) => database.close()));
});

afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

describe(EmbeddedBus.name, () => {
  describe('when many batches are published to all lanes at once', () => {
    it('delivers each once, in order per lane, with offsets that have no gaps', async () => {
      const { bus } = await openBus();
      const received: BusRecord[] = [];
      await bus.subscribe('g-order', [ORDER_EVENTS], async (record) => void received.push(record));
      const sends = Array.from({ length: 10 }, (_, round) =>
        Array.from({ length: LANES }, (_, lane) =>
          bus.publish(ORDER_EVENTS, lane, [event(round * 2), event(round * 2 + 1)]),
        ),
      );
      await Promise.all(sends.flat());
      await eventually(() => expect(received).toHaveLength(20 * LANES));
      for (let lane = 0; lane < LANES; lane++) {
        expect(numbersOf(inLane(received, lane))).toEqual([...Array(20).keys()]);
        expect(inLane(received, lane).map((record) => Number(record.offset))).toEqual(
          [...Array(20).keys()].map((n) => n + 1),
        );
      }
    });

    it('wakes an idle consumer well before its poll', async () => {
      const { bus } = await openBus({ MESSAGING_POLL_MS: '10000' });
      const at: number[] = [];
      await bus.subscribe('g-wake', [PAYMENT_EVENTS], async () => void at.push(performance.now()));
      await eventually(() => expect(at.length).toBe(0));
      await pause(300);
      const waits: number[] = [];
      for (let n = 0; n < 5; n++) {
        const sentAt = performance.now();
        await bus.publish(PAYMENT_EVENTS, n, [event(n)]);
        await eventually(() => expect(at).toHaveLength(n + 1), { intervalMs: 2 });
        waits.push((at[n] as number) - sentAt);
      }
      expect(waits.sort((a, b) => a - b)[2]).toBeLessThan(1_000);
    });
  });

  describe('when one lane fails', () => {
    it('retries what may heal for ever, in order, while other lanes go on', async () => {
      const { bus } = await openBus();
      const received: BusRecord[] = [];
      let sick = true;
      const subscription = await bus.subscribe('g-pause', [ORDER_EVENTS], async (record) => {
        if (sick && record.key === 'order-7001') throw new Error('connection lost');
        received.push(record);
      });
      await bus.publish(ORDER_EVENTS, 3, [event(7001), event(7002)]);
      await bus.publish(ORDER_EVENTS, 4, [event(7003)]);
      await eventually(() => expect(numbersOf(received)).toContain(7003));
      await eventually(() => expect(subscription.stuck[0]).toMatchObject({ lane: 3, error: 'Error: connection lost' }));
      sick = false;
      await eventually(() => expect(numbersOf(inLane(received, 3)).slice(-2)).toEqual([7001, 7002]));
      expect(received.find((record) => record.key === 'order-7001')?.attempt).toBeGreaterThan(1);
      expect(subscription.stuck).toEqual([]);
    });

    it('puts poison on the dead-letter topic after 5 attempts and goes on behind it', async () => {
      const { bus } = await openBus();
      const received: BusRecord[] = [];
      let attempts = 0;
      await bus.subscribe('g-poison', [ORDER_EVENTS], async (record) => {
        if (record.key === 'order-8001') {
          attempts += 1;
          throw new AppError({ code: 'event-invalid', kind: 'poison', message: 'An illegal move.' });
        }
        received.push(record);
      });
      await bus.publish(ORDER_EVENTS, 5, [event(8001), event(8002)]);
      await eventually(() => expect(attempts).toBe(5), { timeoutMs: 10_000 });
      await bus.publish(ORDER_EVENTS, 5, [event(8003)]);
      await eventually(() => expect(numbersOf(inLane(received, 5))).toEqual(expect.arrayContaining([8002, 8003])), {
        timeoutMs: 10_000,
      });
      const dead = await test.query<{ key: string }>(
        `SELECT key FROM bus.log WHERE topic = 'order-events.dead-letter'`,
      );
      expect(dead).toEqual([{ key: 'order-8001' }]);
    });
  });

  describe('when processes of one group come and go', () => {
    it('shares the lanes evenly, and hands them on at once when one stops', async () => {
      const [a, b] = [await openBus(), await openBus()];
      const first = await a.bus.subscribe('g-share', [PAYMENT_EVENTS], async () => undefined);
      await eventually(() => expect(first.lanes).toBe(LANES));
      const second = await b.bus.subscribe('g-share', [PAYMENT_EVENTS], async () => undefined);
      await eventually(() => expect([first.lanes, second.lanes]).toEqual([LANES / 2, LANES / 2]));
      const stoppedAt = performance.now();
      await second.close();
      await eventually(() => expect(first.lanes).toBe(LANES));
      expect(performance.now() - stoppedAt).toBeLessThan(1_000);
    });

    it('takes a lane up again that it could not hand on', async () => {
      const [a, b] = [await openBus(), await openBus()];
      const received: BusRecord[] = [];
      const first = await a.bus.subscribe('g-again', [PAYMENT_EVENTS], async (record) => void received.push(record));
      await eventually(() => expect(first.lanes).toBe(LANES));
      await test.query(`ALTER FUNCTION bus.release_lanes RENAME TO release_lanes_away`);
      const second = await b.bus.subscribe('g-again', [PAYMENT_EVENTS], async (record) => void received.push(record));
      await pause(LEASE_MS);
      await test.query(`ALTER FUNCTION bus.release_lanes_away RENAME TO release_lanes`);
      await eventually(() => expect([first.lanes, second.lanes]).toEqual([LANES / 2, LANES / 2]), {
        timeoutMs: 10_000,
      });
      for (let lane = 0; lane < LANES; lane++) await a.bus.publish(PAYMENT_EVENTS, lane, [event(9_000 + lane)]);
      const numbers = [...Array(LANES).keys()].map((n) => 9_000 + n);
      await eventually(() => {
        const fresh = numbersOf(received).filter((n) => n >= 9_000);
        expect(fresh.sort((x, y) => x - y)).toEqual(numbers);
      });
    });

    it('takes the lanes of a silent owner over, and lets the ex-owner move nothing (R14)', async () => {
      const group = 'g-fence';
      const [a, b] = [await openBus(), await openBus()];
      const first = await a.bus.subscribe(group, [ORDER_EVENTS], async () => undefined);
      await eventually(() => expect(first.lanes).toBe(LANES));
      const [before] = await test.query<{ owner: string; epoch: string }>(
        'SELECT owner, epoch FROM bus.lane_lease WHERE scope = $1 AND lane = 0',
        [group],
      );
      // As a frozen process: its member row gets old, and its sessions are gone.
      await a.database.close();
      const frozenAt = performance.now();
      const second = await b.bus.subscribe(group, [ORDER_EVENTS], async () => undefined);
      await eventually(() => expect(second.lanes).toBe(LANES));
      expect(performance.now() - frozenAt).toBeLessThan(LEASE_MS * 2);
      const sql = `SELECT * FROM bus.consume($1, $2, 1, ARRAY['order-events'], ARRAY[0::smallint], ARRAY[$3::bigint],
        ARRAY[999999::bigint], ARRAY[true], 10)`;
      await test.query(sql, [group, before?.owner, before?.epoch]);
      const [after] = await test.query<{ position: string; epoch: string }>(
        'SELECT "position", epoch FROM bus.lane_lease WHERE scope = $1 AND lane = 0',
        [group],
      );
      expect(Number(after?.epoch)).toBe(Number(before?.epoch) + 1);
      expect(Number(after?.position)).toBeLessThan(999_999);
    });
  });
});
