import { CompressionTypes, type Producer, type RecordMetadata } from 'kafkajs';
import { logger } from '#libs/telemetry';
import type { WireEvent } from '../event-bus.js';
import { withDeadline } from './deadline.js';
import type { KafkaClients } from './kafka-clients.js';

const log = logger('messaging');

/** Most sends that wait behind the one in flight; more are refused. */
export const MAX_WAITING_SENDS = 100;

/** Brokers have so long to replicate, a request to be answered, and a send as a whole to be confirmed, in ms. */
const REPLICATION_TIMEOUT_MS = 1_500;
const REQUEST_TIMEOUT_MS = 2_000;
const SEND_DEADLINE_MS = 2_500;
const DISCONNECT_DEADLINE_MS = 3_000;
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 2 };
const METADATA_MAX_AGE_MS = 5_000;

/**
 * One producer with one send in flight, retries included, to one topic-partition at a time. After anything but a
 * confirmation the producer is thrown away: its id may be poisoned, and the next send must not trip over it.
 */
export class ProducerLane {
  private producer: Promise<Producer> | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private closed = false;

  constructor(
    private readonly clients: KafkaClients,
    private readonly name: string,
  ) {}

  /** Resolves when all in-sync replicas have the events; rejects when nobody knows. */
  send(topic: string, lane: number, events: readonly WireEvent[]): Promise<void> {
    if (this.closed) return Promise.reject(new Error('the producer is closed'));
    if (this.waiting >= MAX_WAITING_SENDS) return Promise.reject(new Error(`${MAX_WAITING_SENDS} sends already wait`));
    this.waiting += 1;
    const turn = this.tail.then(() => this.sendNow(topic, lane, events));
    this.tail = turn.catch(() => undefined).finally(() => (this.waiting -= 1));
    return turn;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
    await this.discard();
  }

  private async sendNow(topic: string, lane: number, events: readonly WireEvent[]): Promise<void> {
    try {
      const producer = await this.connected();
      const messages = events.map(({ eventId, key, value }) => {
        return { partition: lane, key, value, headers: { 'event-id': eventId } };
      });
      const record = { topic, acks: -1, timeout: REPLICATION_TIMEOUT_MS, compression: CompressionTypes.None, messages };
      assertConfirmed(await withDeadline(producer.send(record), SEND_DEADLINE_MS, 'send'), lane);
    } catch (error) {
      void this.discard();
      throw error;
    }
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.connect();
    return this.producer;
  }

  private async connect(): Promise<Producer> {
    const client = this.clients.create(this.name, { requestTimeout: REQUEST_TIMEOUT_MS, retry: RETRY });
    const producer = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      retry: RETRY,
      // The lane is ours to choose, never a partitioner's.
      createPartitioner: () => (args) => args.message.partition as number,
    });
    try {
      await withDeadline(producer.connect(), SEND_DEADLINE_MS, 'connect');
      return producer;
    } catch (error) {
      void withDeadline(producer.disconnect(), DISCONNECT_DEADLINE_MS, 'disconnect').catch(() => undefined);
      throw error;
    }
  }

  private async discard(): Promise<void> {
    const leaving = this.producer;
    this.producer = undefined;
    try {
      const producer = await leaving;
      if (producer) await withDeadline(producer.disconnect(), DISCONNECT_DEADLINE_MS, 'disconnect');
    } catch (error) {
      log.debug({ err: error, producer: this.name }, 'producer thrown away');
    }
  }
}

/** kafkajs resolves sends that went nowhere, and ones that went elsewhere. */
function assertConfirmed(metadata: readonly RecordMetadata[], lane: number): void {
  const [only] = metadata;
  if (metadata.length === 1 && only?.partition === lane && only.errorCode === 0) return;
  throw new Error(`the brokers confirmed ${JSON.stringify(metadata)} instead of partition ${lane}`);
}
