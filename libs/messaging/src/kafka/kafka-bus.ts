import { setTimeout as pause } from 'node:timers/promises';
import type { ConfigOf } from '#libs/config';
import type { DeadLetterTopic, Topic } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { logger } from '#libs/telemetry';
import { type BusHealth, EventBus, type RecordHandler, type Subscription, type WireEvent } from '../event-bus.js';
import type { busConfig } from '../messaging.config.js';
import { published, publishFailed } from '../messaging.metrics.js';
import { assertPublishable } from '../publishable.js';
import { ensureTopics } from './ensure-topics.js';
import { KafkaClients } from './kafka-clients.js';
import { ProducerLane } from './producer-lane.js';
import { SupervisedConsumer } from './supervised-consumer.js';

const log = logger('messaging');

/** Lanes share producers (lane modulo this): 4 need 14 sockets and are as fast as 12, which need 28. */
export const PRODUCERS = 4;
const CHECK_AGAIN_MS = 2_000;

/** The event bus on a Kafka cluster. */
export class KafkaBus extends EventBus {
  private readonly clients: KafkaClients;
  private readonly producers: ProducerLane[];
  private readonly consumers = new Set<SupervisedConsumer>();
  private readonly closing = new AbortController();
  /** Why topics may not be used; `undefined` once they are checked. */
  private topicFault: string | undefined = 'topics are not checked yet';
  private lastSendError: string | undefined;

  constructor(private readonly config: ConfigOf<typeof busConfig>) {
    super();
    this.clients = new KafkaClients(config);
    this.producers = Array.from({ length: PRODUCERS }, (_, n) => new ProducerLane(this.clients, `producer-${n}`));
    void this.checkTopics();
  }

  override async publish(topic: Topic | DeadLetterTopic, lane: number, events: readonly WireEvent[]): Promise<void> {
    assertPublishable(lane, events);
    try {
      if (this.topicFault !== undefined) throw new Error(this.topicFault);
      await (this.producers[lane % PRODUCERS] as ProducerLane).send(topic, lane, events);
      published.inc({ topic }, events.length);
      this.lastSendError = undefined;
    } catch (cause) {
      publishFailed.inc({ topic });
      this.lastSendError = String(cause);
      const message = `Kafka did not confirm ${events.length} events on ${topic}/${lane}. Send the same batch again.`;
      throw new AppError({ code: 'bus-unavailable', kind: 'unavailable', message, cause });
    }
  }

  override async subscribe(group: string, topics: readonly Topic[], onRecord: RecordHandler): Promise<Subscription> {
    const consumer = new SupervisedConsumer({
      clients: this.clients,
      group,
      topics,
      handle: onRecord,
      publish: (topic, lane, events) => this.publish(topic, lane, events),
    });
    this.consumers.add(consumer);
    return consumer;
  }

  override health(): BusHealth {
    const consumers = [...this.consumers].map((consumer) => consumer.health());
    const producerError = this.topicFault ?? this.lastSendError;
    const producer = { status: producerError === undefined ? 'up' : 'degraded', error: producerError };
    const silentBrokers = this.clients.gate.down;
    const isSick =
      producerError !== undefined || silentBrokers.length > 0 || consumers.some(({ status }) => status !== 'up');
    return { status: isSick ? 'degraded' : 'up', details: { bus: 'kafka', producer, consumers, silentBrokers } };
  }

  override async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.consumers].map((consumer) => consumer.close()));
    await Promise.all(this.producers.map((producer) => producer.close()));
    this.clients.close();
  }

  /** Until it has succeeded once nothing is sent: events on a topic without replicas would only seem safe. */
  private async checkTopics(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        await ensureTopics(this.clients, this.config);
        this.topicFault = undefined;
        return;
      } catch (error) {
        this.topicFault = String(error);
        log.warn({ err: error, afterMs: CHECK_AGAIN_MS }, 'topics cannot be used yet');
      }
      await pause(CHECK_AGAIN_MS, undefined, { ref: false });
    }
  }
}
