import { type BeforeApplicationShutdown, type DynamicModule, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { ConfigOf } from '#libs/config';
import { CONSUMER_GROUP_PREFIX, type Topic } from '#libs/contracts';
import { Database } from '#libs/database';
import { BusProbe } from './bus.probe.js';
import { EmbeddedBus } from './embedded/embedded-bus.js';
import { EventBus } from './event-bus.js';
import { EventBusStrategy } from './event-bus-strategy.js';
import { busConfig } from './messaging.config.js';

/** Events of this service: `group` is its short name, `order` for one; `topics` what its `@EventPattern` handlers are on. */
export type MessagingOptions = { readonly group: string; readonly topics: readonly Topic[] };

/** Provides {@link EventBus}, {@link EventBusStrategy} and {@link BusProbe}. Needs a `Database` and {@link busConfig}. */
@Module({})
export class MessagingModule implements BeforeApplicationShutdown {
  constructor(private readonly bus: EventBus) {}

  static forService(options: MessagingOptions): DynamicModule {
    const consumer = { group: `${CONSUMER_GROUP_PREFIX}.${options.group}`, topics: options.topics };
    return {
      module: MessagingModule,
      global: true,
      providers: [
        { provide: EventBus, useFactory: createBus, inject: [Database, busConfig.token] },
        {
          provide: EventBusStrategy,
          useFactory: (bus: EventBus, modules: ModulesContainer) => new EventBusStrategy(bus, consumer, modules),
          inject: [EventBus, ModulesContainer],
        },
        BusProbe,
      ],
      exports: [EventBus, EventBusStrategy, BusProbe],
    };
  }

  /** After consumers and relay have stopped (`onModuleDestroy`), before the database closes. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}

/** Loads kafkajs only where Kafka is the bus. */
async function createBus(database: Database, config: ConfigOf<typeof busConfig>): Promise<EventBus> {
  if (config.bus === 'embedded') return new EmbeddedBus(database, config);
  const { KafkaBus } = await import('./kafka/kafka-bus.js');
  return new KafkaBus(config);
}
