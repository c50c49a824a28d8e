import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { ConfigOf } from '#libs/config';
import { Database, PartitionKeeper } from '#libs/database';
import { EventBus } from '#libs/messaging';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';
import { OutboxProbe } from './outbox.probe.js';
import { relayConfig } from './relay.config.js';
import { Relay } from './relay.js';

/** Runs relay and partition keeping from the moment the service is up until it stops taking work. */
@Injectable()
class RelayRunner implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly relay: Relay,
    private readonly partitions: PartitionKeeper,
    @Inject(relayConfig.token) private readonly config: ConfigOf<typeof relayConfig>,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.partitions.start();
    if (this.config.enabled) await this.relay.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.relay.stop(), this.partitions.stop()]);
  }
}

/** Provides {@link Outbox}, {@link Inbox} and {@link OutboxProbe}, and runs the {@link Relay} of a schema, which it provides too. Needs `Database`, `EventBus`, {@link relayConfig}. */
@Module({})
export class OutboxModule {
  static forSchema(schema: string): DynamicModule {
    return {
      module: OutboxModule,
      global: true,
      providers: [
        Outbox,
        Inbox,
        RelayRunner,
        OutboxProbe,
        {
          provide: PartitionKeeper,
          useFactory: (database: Database) => new PartitionKeeper(database, schema),
          inject: [Database],
        },
        {
          provide: Relay,
          useFactory: (database: Database, bus: EventBus, config: ConfigOf<typeof relayConfig>) =>
            new Relay(schema, database, bus, config),
          inject: [Database, EventBus, relayConfig.token],
        },
      ],
      exports: [Outbox, Inbox, OutboxProbe, Relay],
    };
  }
}
