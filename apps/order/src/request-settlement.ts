import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/outbox';
import { logger } from '#libs/telemetry';
import { orderConfig } from './order.config.js';
import { settlementsRequested } from './order.metrics.js';
import { askForWaitingOrders } from './sql/select-waiting-orders.js';

const JOB = 'request-settlement';
const log = logger(JOB);
/** Orders per transaction: locks are held for milliseconds. */
const BATCH_ORDERS = 100;
/** Transactions per sweep: after a long outage of payment the rest waits for the next sweep. */
const MAX_BATCHES = 50;

/**
 * Asks payment again about orders that wait for too long (R21): no lost message can leave an order without an end.
 * Nothing is cancelled by time alone. Both instances sweep; rows that one works on are skipped by the other.
 */
@Injectable()
export class RequestSettlement implements OnApplicationBootstrap, OnModuleDestroy {
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
    private readonly schedule: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const sweep = () => {
      this.running = this.running.then(() => this.sweep());
    };
    this.schedule.addInterval(JOB, setInterval(sweep, this.config.settlementIntervalMs));
  }

  async onModuleDestroy(): Promise<void> {
    if (this.schedule.doesExist('interval', JOB)) this.schedule.deleteInterval(JOB);
    await this.running;
  }

  /** Asks about every order that is due; gives back about how many. */
  async execute(): Promise<number> {
    let asked = 0;
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const orders = await this.database.write((tx) => this.askBatch(tx));
      asked += orders;
      if (orders < BATCH_ORDERS) break;
    }
    settlementsRequested.inc(asked);
    return asked;
  }

  private async askBatch(tx: Tx): Promise<number> {
    const { settlementAfterMs, settlementIntervalMs } = this.config;
    // Half an interval of slack, or every second sweep would find the orders of the first not due yet.
    const orders = await askForWaitingOrders(tx, settlementAfterMs, settlementIntervalMs / 2, BATCH_ORDERS);
    const events = orders.map(({ eventSeq, payload }) => ({
      type: 'order.settlement-requested' as const,
      aggregateId: payload.orderId,
      seq: eventSeq,
      payload,
    }));
    await this.outbox.appendAll(tx, events);
    return orders.length;
  }

  private async sweep(): Promise<void> {
    try {
      const asked = await this.execute();
      if (asked > 0) log.warn({ asked }, 'asked payment again about orders that wait for it');
    } catch (error) {
      log.warn({ err: error }, 'could not ask about waiting orders; the next sweep tries again');
    }
  }
}
