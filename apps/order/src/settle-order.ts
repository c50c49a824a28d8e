import { Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { Batcher, Database, type Tx } from '#libs/database';
import { AppError } from '#libs/errors';
import { Inbox, Outbox } from '#libs/outbox';
import { logger } from '#libs/telemetry';
import { GapPatience } from './gap-patience.js';
import { type Judged, judgePaymentEvent } from './judge-payment-event.js';
import { orderConfig } from './order.config.js';
import type { PaymentEvent } from './order.js';
import { gapsAccepted, isReal, ordersCancelled, ordersConfirmed, ordersForReview, revenue } from './order.metrics.js';
import { lockOrders } from './sql/lock-orders.js';
import { type Decided, writeSettlements } from './write-settlements.js';

const log = logger('settle-order');
const CONSUMER = 'order';
/** Most events in one transaction: its locks are held for milliseconds. */
const MAX_EVENTS = 100;
/** How long an event waits for company, in ms: small beside the provider's answer. */
const LINGER_MS = 10;

/**
 * Applies news of payments to their orders: CONFIRMED, or CANCELLED with its stock free again. Once per event (R20). Events
 * of different orders that come at the same time share a transaction.
 */
@Injectable()
export class SettleOrder {
  private readonly patience: GapPatience;
  private readonly batcher = new Batcher<PaymentEvent, Judged | AppError>({
    flush: (events) => this.database.write((tx) => this.apply(tx, events), { repeatable: true }),
    keyOf: ({ payload }) => payload.orderId,
    maxItems: MAX_EVENTS,
    lingerMs: LINGER_MS,
  });

  constructor(
    private readonly database: Database,
    private readonly inbox: Inbox,
    private readonly outbox: Outbox,
    @InjectConfig(orderConfig) config: ConfigOf<typeof orderConfig>,
  ) {
    this.patience = new GapPatience(config.gapWaitMs);
  }

  /** @throws AppError `event-gap` while an earlier event of the payment may still come, `stray-payment-event` */
  async execute(event: PaymentEvent): Promise<void> {
    const judged = await this.batcher.add(event);
    if (judged instanceof AppError) throw judged;
    this.patience.forget(event.eventId);
    report(judged);
  }

  /** What is refused leaves no trace in the inbox: it will be tried again. */
  private async apply(tx: Tx, events: readonly PaymentEvent[]): Promise<Array<Judged | AppError>> {
    const orders = await lockOrders(
      tx,
      events.map(({ payload }) => payload.orderId),
    );
    const judged = events.map((event) =>
      judgePaymentEvent(orders.get(event.payload.orderId), event, (id) => this.patience.isOver(id)),
    );
    const accepted = judged.filter((one): one is Judged => !(one instanceof AppError));
    const fresh = await this.inbox.claimAll(
      tx,
      CONSUMER,
      accepted.map(({ event }) => event.eventId),
    );
    await writeSettlements(
      tx,
      this.outbox,
      accepted.filter((one): one is Decided => one.settlement.kind !== 'duplicate' && fresh.has(one.event.eventId)),
    );
    return judged.map((one) =>
      one instanceof AppError || fresh.has(one.event.eventId) ? one : { ...one, settlement: { kind: 'duplicate' } },
    );
  }
}

/** After COMMIT, so that no metric counts what was rolled back. */
function report({ order, settlement, acceptedGap }: Judged): void {
  if (settlement.kind === 'duplicate') return;
  const { orderId } = order;
  if (acceptedGap) {
    gapsAccepted.inc();
    log.warn({ orderId, paymentSeq: order.paymentSeq }, 'an earlier payment event never came; applied the later one');
  }
  if (settlement.kind === 'review') {
    ordersForReview.inc();
    log.error({ orderId, why: settlement.why }, 'order needs a person');
  }
  if (!isReal(order.customerId)) return;
  if (settlement.kind === 'cancel') ordersCancelled.inc({ reason: settlement.reason });
  if (settlement.kind === 'confirm') {
    ordersConfirmed.inc();
    revenue.inc({ currency: order.currency }, order.totalMinor);
  }
}
