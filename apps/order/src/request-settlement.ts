import { Inject, Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { Database, type Tx } from '#libs/database';
import { Outbox, Relay } from '#libs/outbox';
import { orderConfig } from './order.config.js';
import { settlementsRequested } from './order.metrics.js';
import { SettlementWindow } from './settlement-window.js';
import { askForWaitingOrders, countStillWaiting } from './sql/select-waiting-orders.js';

/** Orders per transaction: locks are held for milliseconds. */
const BATCH_ORDERS = 100;
/** Events that wait longer than this to be sent: the bus is away or behind. */
const MAX_UNSENT_MS = 5_000;

/**
 * Asks payment again about orders that wait for too long (R21): no lost message can leave an order without an end.
 * Nothing is cancelled by time alone.
 */
@Injectable()
export class RequestSettlement {
  private readonly window = new SettlementWindow();
  private lastAsked: readonly string[] = [];
  private busBehindUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
    @Inject(Relay) private readonly relay: Pick<Relay, 'oldestWaitsMs'>,
  ) {}

  /** Asks about the orders that are due, as many as the window allows; gives back about how many. */
  async execute(): Promise<number> {
    if (this.isBusBehind()) return 0;
    const unanswered = await this.database.write((tx) => countStillWaiting(tx, this.lastAsked));
    this.window.learn({ asked: this.lastAsked.length, unanswered });
    const asked: string[] = [];
    while (asked.length < this.window.size) {
      const limit = Math.min(BATCH_ORDERS, this.window.size - asked.length);
      const batch = await this.database.write((tx) => this.askBatch(tx, limit));
      asked.push(...batch);
      if (batch.length < limit) break;
    }
    this.lastAsked = asked;
    settlementsRequested.inc(asked.length);
    return asked.length;
  }

  /**
   * While the bus is away a question would only queue up after what it asks for, and when it is back, what waited gets as
   * long to be settled as every order gets.
   */
  private isBusBehind(): boolean {
    const nowMs = performance.now();
    if (this.relay.oldestWaitsMs > MAX_UNSENT_MS) this.busBehindUntilMs = nowMs + this.config.settlementAfterMs;
    return nowMs <= this.busBehindUntilMs;
  }

  private async askBatch(tx: Tx, limit: number): Promise<string[]> {
    const { settlementAfterMs, settlementIntervalMs } = this.config;
    // Half an interval of slack, or every second sweep would find the orders of the first not due yet.
    const orders = await askForWaitingOrders(tx, settlementAfterMs, settlementIntervalMs / 2, limit);
    const events = orders.map(({ eventSeq, payload }) => ({
      type: 'order.settlement-requested' as const,
      aggregateId: payload.orderId,
      seq: eventSeq,
      payload,
    }));
    await this.outbox.appendAll(tx, events);
    return orders.map(({ payload }) => payload.orderId);
  }
}
