import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compose, loadConfig } from '#libs/config';
import { LANES, ORDER_EVENTS, PAYMENT_EVENTS, uuidv7 } from '#libs/contracts';
import { busConfig, type LoggedRecord, readLog, type WireEvent } from '#libs/messaging';
import { KafkaBus } from '../../libs/messaging/src/kafka/kafka-bus.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/needs-program.js';
import { KafkaCluster } from './kafka-cluster.js';

const event = (): WireEvent => ({ eventId: uuidv7(), key: uuidv7(), value: '{}' });

describeWith('java', 'mvn')(readLog.name, () => {
  let cluster: KafkaCluster;
  let bus: KafkaBus;

  beforeAll(async () => {
    cluster = await KafkaCluster.start();
    bus = new KafkaBus(settings());
    await eventually(() => bus.publish(PAYMENT_EVENTS, 0, [event()]), { timeoutMs: 90_000, intervalMs: 500 });
  }, 120_000);

  afterAll(async () => {
    await bus.close();
    await cluster[Symbol.asyncDispose]();
  }, 30_000);

  const settings = () => {
    const env = { MESSAGING_BUS: 'kafka', MESSAGING_BROKERS: cluster.addresses.join(',') };
    return loadConfig(compose({ bus: busConfig }), env).bus;
  };

  describe('when lanes are full, empty and written to by others', () => {
    it('reads every record once, in the order of its lane, and ends', async () => {
      const sent = new Map<number, string[]>();
      for (let lane = 0; lane < LANES; lane += 2) {
        const events = Array.from({ length: 120 }, event);
        await bus.publish(ORDER_EVENTS, lane, events);
        sent.set(
          lane,
          events.map(({ eventId }) => eventId),
        );
      }
      const records: LoggedRecord[] = [];
      const count = await readLog(settings(), (record) => records.push(record));
      expect(count).toBe(records.length);
      for (let lane = 0; lane < LANES; lane++) {
        const own = records.filter((record) => record.topic === ORDER_EVENTS && record.lane === lane);
        expect(own.map(({ eventId }) => eventId)).toEqual(sent.get(lane) ?? []);
      }
    }, 60_000);
  });
});
