import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compose, loadConfig } from '#libs/config';
import { LANES, ORDER_EVENTS, PAYMENT_EVENTS, uuidv7 } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { type BusRecord, busConfig, type EventBus, type WireEvent } from '#libs/messaging';
import { KafkaBus } from '../../libs/messaging/src/kafka/kafka-bus.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/needs-program.js';
import { KafkaCluster } from './kafka-cluster.js';

const RATE_PER_LANE = 10;

const event = (n: number): WireEvent => ({ eventId: uuidv7(), key: `order-${n}`, value: JSON.stringify({ n }) });

/** As the relay: one batch at a time per lane, the same one again until it is confirmed. */
async function produce(bus: EventBus, lane: number, until: AbortSignal): Promise<WireEvent[]> {
  const confirmed: WireEvent[] = [];
  while (!until.aborted) {
    const batch = [event(confirmed.length), event(confirmed.length + 1)];
    for (let failures = 0; ; failures++) {
      try {
        await bus.publish(ORDER_EVENTS, lane, batch);
        break;
      } catch {
        await pause(Math.min(2_000, 200 * 2 ** failures));
      }
    }
    confirmed.push(...batch);
    await pause((batch.length / RATE_PER_LANE) * 1_000);
  }
  return confirmed;
}

/** What an inbox lets through: the first of each event, in order of arrival. */
function firsts(records: readonly BusRecord[], lane: number): string[] {
  const ids = records.filter((record) => record.lane === lane).map((record) => record.eventId);
  return [...new Set(ids)];
}

/** Longest time without any record, in ms. */
function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] as number)));
}

describeWith('java', 'mvn')('event bus on Kafka', () => {
  let cluster: KafkaCluster;
  const buses: KafkaBus[] = [];
  const open = (more: Record<string, string> = {}): KafkaBus => {
    const env = { MESSAGING_BUS: 'kafka', MESSAGING_BROKERS: cluster.addresses.join(','), ...more };
    const bus = new KafkaBus(loadConfig(compose({ bus: busConfig }), env).bus);
    buses.push(bus);
    return bus;
  };

  beforeAll(async () => {
    cluster = await KafkaCluster.start();
    const bus = open();
    await eventually(() => bus.publish(PAYMENT_EVENTS, 0, [event(0)]), { timeoutMs: 90_000, intervalMs: 500 });
  }, 120_000);

  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await cluster[Symbol.asyncDispose]();
  }, 30_000);

  describe('when a broker is frozen and another killed, one after the other', () => {
    it('loses nothing confirmed, keeps the order, and stands still for 8 s at most', async () => {
      const [producer, consumer] = [open(), open()];
      const received: BusRecord[] = [];
      const times: number[] = [];
      await consumer.subscribe('drill.order', [ORDER_EVENTS], async (record) => {
        received.push(record);
        times.push(performance.now());
      });
      const stop = new AbortController();
      const sends = Array.from({ length: LANES }, (_, lane) => produce(producer, lane, stop.signal));
      await eventually(() => expect(received.length).toBeGreaterThan(100), { timeoutMs: 20_000 });
      {
        using _frozen = cluster.freeze(0);
        await pause(8_000);
      }
      await pause(6_000);
      {
        using _killed = cluster.kill(1);
        await pause(8_000);
      }
      await pause(6_000);
      stop.abort();
      const confirmed = await Promise.all(sends);
      await eventually(
        () => {
          for (let lane = 0; lane < LANES; lane++) {
            const ids = confirmed[lane]?.map(({ eventId }) => eventId);
            expect(firsts(received, lane)).toEqual(ids);
          }
        },
        { timeoutMs: 20_000 },
      );
      expect(longestGap(times)).toBeLessThan(8_000);
    }, 120_000);
  });

  describe('when all brokers were away so long that consumers gave up', () => {
    it('receives again as soon as one can send again', async () => {
      const bus = open();
      const received: string[] = [];
      await bus.subscribe('drill.away', [PAYMENT_EVENTS], async ({ eventId }) => void received.push(eventId));
      const before = event(801);
      await eventually(() => bus.publish(PAYMENT_EVENTS, 8, [before]), { timeoutMs: 20_000 });
      await eventually(() => expect(received).toContain(before.eventId), { timeoutMs: 20_000 });
      {
        using _first = cluster.kill(0);
        using _second = cluster.kill(1);
        using _third = cluster.kill(2);
        await pause(20_000);
      }
      const after = event(802);
      await eventually(() => bus.publish(PAYMENT_EVENTS, 8, [after]), { timeoutMs: 30_000, intervalMs: 100 });
      await eventually(() => expect(received).toContain(after.eventId), { timeoutMs: 3_000 });
    }, 90_000);
  });

  describe('when one lane fails', () => {
    it('holds that lane, in its order, while others go on; poison leaves for the dead letter', async () => {
      const bus = open();
      const received: BusRecord[] = [];
      let sick = true;
      const ofOneOrder = [501, 502].map((n) => ({ ...event(n), key: 'order-5' }));
      const subscription = await bus.subscribe('drill.payment', [PAYMENT_EVENTS], async (record) => {
        const { n } = JSON.parse(record.value);
        if (n === 501 && sick) throw new Error('connection lost');
        if (n === 601) throw new AppError({ code: 'event-invalid', kind: 'poison', message: 'An illegal move.' });
        received.push(record);
      });
      await eventually(() => bus.publish(PAYMENT_EVENTS, 5, ofOneOrder), { timeoutMs: 20_000 });
      await bus.publish(PAYMENT_EVENTS, 6, [event(601), event(602)]);
      const numbers = (lane: number) => received.filter((r) => r.lane === lane).map((r) => JSON.parse(r.value).n);
      await eventually(() => expect(numbers(6)).toEqual([602]), { timeoutMs: 30_000 });
      expect(numbers(5)).toEqual([]);
      const onlyLane5 = [{ lane: 5, error: 'Error: connection lost' }];
      await eventually(() => expect(subscription.stuck).toMatchObject(onlyLane5), { timeoutMs: 30_000 });
      sick = false;
      await eventually(() => expect(numbers(5)).toEqual([501, 502]), { timeoutMs: 20_000 });
    }, 60_000);
  });

  describe('when topics have fewer replicas than are asked for', () => {
    it('refuses to send, and says why', async () => {
      const bus = open({ MESSAGING_REPLICATION_FACTOR: '4' });
      await eventually(
        () => expect(bus.health().details.producer).toMatchObject({ error: expect.stringContaining('3 replicas') }),
        {
          timeoutMs: 20_000,
        },
      );
      await expect(bus.publish(ORDER_EVENTS, 0, [event(1)])).rejects.toMatchObject({ code: 'bus-unavailable' });
    }, 30_000);
  });
});
