import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ISocketFactoryArgs, Kafka, logLevel, type Producer } from 'kafkajs';
import { LANES, uuidv7 } from '#libs/contracts';
import type { WireEvent } from '#libs/messaging';
import type { KafkaClients } from '../../libs/messaging/src/kafka/kafka-clients.js';
import { ProducerLane } from '../../libs/messaging/src/kafka/producer-lane.js';
import { eventually } from '../support/eventually.js';
import { KafkaCluster } from './kafka-cluster.js';

const TOPIC = 'loss';

const event = (name: string): WireEvent => ({ eventId: uuidv7(), key: 'k', value: name });
const messagesOf = (lane: number, ...names: string[]) => names.map((value) => ({ partition: lane, key: 'k', value }));

/** Sockets that can be made deaf: what is sent arrives, what comes back meanwhile is never heard. */
class DeafSockets {
  private isDeaf = false;

  readonly open = ({ host, port, onConnect }: ISocketFactoryArgs): Socket => {
    const socket = connect({ host, port }, onConnect);
    const emit = socket.emit.bind(socket) as (name: string | symbol, ...more: unknown[]) => boolean;
    socket.emit = (name: string | symbol, ...more: unknown[]) =>
      !(this.isDeaf && name === 'data') && emit(name, ...more);
    return socket;
  };

  deafen(): Disposable {
    this.isDeaf = true;
    return {
      [Symbol.dispose]: () => {
        this.isDeaf = false;
      },
    };
  }
}

/**
 * Three ways in which kafkajs 2.2.4 confirms events that no broker has, shown on the plain library, and the rule of
 * `ProducerLane` that closes each. If a plain one ever turns green, kafkajs has changed and the rule may go.
 */
describe('a confirmed event', () => {
  let cluster: KafkaCluster;
  const sockets = new DeafSockets();
  const client = (retries = 0): Kafka =>
    new Kafka({
      clientId: 'loss',
      brokers: [...cluster.addresses],
      logLevel: logLevel.NOTHING,
      requestTimeout: retries === 0 ? 1_500 : 10_000,
      socketFactory: sockets.open,
      retry: { retries },
    });
  const idempotent = async (): Promise<Producer> => {
    const producer = client().producer({
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 1, initialRetryTime: 50 },
      createPartitioner: () => (args) => args.message.partition as number,
    });
    await producer.connect();
    return producer;
  };
  const laneOfOurs = (): ProducerLane =>
    new ProducerLane({ create: () => client() } as unknown as KafkaClients, 'loss');

  /** Everything in a lane, read from the beginning. */
  async function stored(lane: number, atLeast: number): Promise<string[]> {
    const consumer = client(8).consumer({ groupId: `loss-${uuidv7()}` });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        if (partition === lane) values.push(String(message.value));
      },
    });
    await eventually(() => expect(values.length).toBeGreaterThanOrEqual(atLeast), { timeoutMs: 30_000 });
    await consumer.disconnect();
    return values;
  }

  async function createTopic(): Promise<void> {
    const admin = client(8).admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: TOPIC, numPartitions: LANES, replicationFactor: 3 }],
      waitForLeaders: false,
    });
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC] });
    expect(topics[0]?.partitions.filter(({ isr }) => isr.length === 3)).toHaveLength(LANES);
    await admin.disconnect();
  }

  beforeAll(async () => {
    cluster = await KafkaCluster.start();
    await eventually(createTopic, { timeoutMs: 90_000, intervalMs: 1_000 });
  }, 120_000);

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  }, 30_000);

  describe('that follows one whose answer was lost, on the same producer', () => {
    it('is lost by plain kafkajs: it takes the sequence number of the first, and counts as its duplicate', async () => {
      const producer = await idempotent();
      await producer.send({ topic: TOPIC, messages: messagesOf(0, 'warm-up') });
      {
        using _deaf = sockets.deafen();
        await expect(producer.send({ topic: TOPIC, messages: messagesOf(0, 'a') })).rejects.toThrow();
      }
      await producer.connect();
      await producer.send({ topic: TOPIC, messages: messagesOf(0, 'b') });
      expect(await stored(0, 2)).toEqual(['warm-up', 'a']);
      await producer.disconnect();
    }, 60_000);

    it('is kept by us: the producer is thrown away, the first is sent again, then the second', async () => {
      const lane = laneOfOurs();
      await lane.send(TOPIC, 1, [event('warm-up')]);
      {
        using _deaf = sockets.deafen();
        await expect(lane.send(TOPIC, 1, [event('a')])).rejects.toThrow();
      }
      await lane.send(TOPIC, 1, [event('a')]);
      await lane.send(TOPIC, 1, [event('b')]);
      expect([...new Set(await stored(1, 3))]).toEqual(['warm-up', 'a', 'b']);
      await lane.close();
    }, 60_000);
  });

  describe('that waits behind one whose answer is lost, on the same producer', () => {
    /** Both are sent at once; the brokers' answer to the first is dropped. */
    async function sendBoth(send: (name: string) => Promise<unknown>): Promise<void> {
      const sends = Promise.all([send('a'), send('b')]);
      {
        using _deaf = sockets.deafen();
        await pause(1_000);
      }
      await sends;
    }

    it('makes plain kafkajs lose one of both: it comes between the first and its retry, and they share a sequence number', async () => {
      const producer = await idempotent();
      const send = (name: string) => producer.send({ topic: TOPIC, messages: messagesOf(2, name) });
      await send('warm-up');
      await sendBoth(send);
      // One of them is there twice, the other not at all.
      expect(new Set(await stored(2, 3)).size).toBe(2);
      await producer.disconnect();
    }, 60_000);

    it('is kept by us: it is not sent before the first is confirmed', async () => {
      const lane = laneOfOurs();
      await lane.send(TOPIC, 3, [event('warm-up')]);
      await sendBoth((name) => lane.send(TOPIC, 3, [event(name)]));
      expect([...new Set(await stored(3, 3))]).toEqual(['warm-up', 'a', 'b']);
      await lane.close();
    }, 60_000);
  });

  describe('for a partition that the client knows nothing of', () => {
    it('is lost by plain kafkajs: it confirms the send, and names no partition', async () => {
      const producer = await idempotent();
      expect(await producer.send({ topic: TOPIC, messages: messagesOf(LANES + 5, 'a') })).toEqual([]);
      await producer.disconnect();
    }, 30_000);

    it('is refused by us: what was confirmed is compared with what was sent', async () => {
      const lane = laneOfOurs();
      await expect(lane.send(TOPIC, LANES + 5, [event('a')])).rejects.toThrow('instead of partition');
      await lane.close();
    }, 30_000);
  });
});
