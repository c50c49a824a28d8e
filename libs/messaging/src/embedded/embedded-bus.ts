import type { ConfigOf } from '#libs/config';
import type { DeadLetterTopic, Topic } from '#libs/contracts';
import { type Database, PartitionKeeper } from '#libs/database';
import { AppError } from '#libs/errors';
import { type BusHealth, EventBus, type RecordHandler, type Subscription, type WireEvent } from '../event-bus.js';
import type { busConfig } from '../messaging.config.js';
import { published, publishFailed } from '../messaging.metrics.js';
import { assertPublishable } from '../publishable.js';
import { BUS_SCHEMA } from './bus-schema.sql.js';
import { EmbeddedSubscription } from './embedded-subscription.js';
import { LaneAppender } from './lane-appender.js';

/** The event bus on the service's own Postgres: tables in the schema `bus`, NOTIFY as the wake-up. */
export class EmbeddedBus extends EventBus {
  private readonly appender: LaneAppender;
  private readonly subscriptions = new Set<EmbeddedSubscription>();
  private readonly partitions: PartitionKeeper;
  private lastPublishError: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly config: ConfigOf<typeof busConfig>,
  ) {
    super();
    this.appender = new LaneAppender(database);
    this.partitions = new PartitionKeeper(database, BUS_SCHEMA);
    this.partitions.start();
  }

  override async publish(topic: Topic | DeadLetterTopic, lane: number, events: readonly WireEvent[]): Promise<void> {
    assertPublishable(lane, events);
    try {
      await this.appender.append(topic, lane, events);
      published.inc({ topic }, events.length);
      this.lastPublishError = undefined;
    } catch (cause) {
      publishFailed.inc({ topic });
      this.lastPublishError = String(cause);
      const message = `The bus did not confirm ${events.length} events on ${topic}/${lane}. Send the same batch again.`;
      throw new AppError({ code: 'bus-unavailable', kind: 'unavailable', message, cause });
    }
  }

  override async subscribe(group: string, topics: readonly Topic[], onRecord: RecordHandler): Promise<Subscription> {
    const subscription = new EmbeddedSubscription({
      database: this.database,
      config: this.config,
      group,
      topics,
      onRecord,
      publish: (topic, lane, events) => this.publish(topic, lane, events),
    });
    this.subscriptions.add(subscription);
    await subscription.start();
    return subscription;
  }

  override health(): BusHealth {
    const consumers = [...this.subscriptions].map((subscription) => subscription.health());
    const producer = { status: this.lastPublishError === undefined ? 'up' : 'degraded', error: this.lastPublishError };
    const { tablesRunningShort } = this.partitions;
    const isSick =
      producer.status !== 'up' || tablesRunningShort.length > 0 || consumers.some(({ status }) => status !== 'up');
    return {
      status: isSick ? 'degraded' : 'up',
      details: { bus: 'embedded', producer, consumers, tablesRunningShort },
    };
  }

  override async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    this.subscriptions.clear();
    await this.partitions.stop();
  }
}
