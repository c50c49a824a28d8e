import { Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { Database, type Tx } from '#libs/database';
import { switchedOff } from '#libs/drill';
import { Inbox, Outbox } from '#libs/outbox';
import { logger } from '#libs/telemetry';
import { GapPatience } from './gap-patience.js';
import { orderConfig } from './order.config.js';
import { eventGap, illegalMove, strayPaymentEvent } from './order.errors.js';
import { canMove, type OrderState, type PaymentEvent, type Settlement, settle } from './order.js';
import { gapsAccepted, isReal, ordersCancelled, ordersConfirmed, ordersForReview, revenue } from './order.metrics.js';
import { type LockedOrder, lockOrder } from './sql/lock-order.js';
import { moveOrder } from './sql/move-order.js';
import { releaseStock } from './sql/release-stock.js';

const log = logger('settle-order');
const CONSUMER = 'order';

type Applied = { readonly order: LockedOrder; readonly settlement: Settlement; readonly acceptedGap: boolean };
type Change = Exclude<Settlement, { kind: 'duplicate' | 'gap' }>;

/** Applies news of a payment to its order: CONFIRMED, or CANCELLED with its stock free again. Once per event (R20). */
@Injectable()
export class SettleOrder {
  private readonly patience: GapPatience;

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
    const applied = await this.database.write((tx) => this.apply(tx, event), { repeatable: true });
    this.patience.forget(event.eventId);
    if (applied) report(applied);
  }

  private async apply(tx: Tx, event: PaymentEvent): Promise<Applied | undefined> {
    if (!(await this.inbox.claim(tx, CONSUMER, event.eventId))) return undefined;
    const order = await lockOrder(tx, event.payload.orderId);
    if (order === undefined) throw strayPaymentEvent(event.payload.orderId);
    const state = switchedOff('inbox') ? withoutMemory(order) : order;
    const first = settle(state, event);
    const acceptedGap = first.kind === 'gap' && this.patience.isOver(event.eventId);
    if (first.kind === 'gap' && !acceptedGap) throw eventGap(order.orderId, first.missingSeq);
    const settlement = acceptedGap ? settle(state, event, true) : first;
    if (settlement.kind !== 'duplicate' && settlement.kind !== 'gap') await this.write(tx, order, event, settlement);
    return { order, settlement, acceptedGap };
  }

  private async write(tx: Tx, order: LockedOrder, event: PaymentEvent, change: Change): Promise<void> {
    const status = nextStatus(order, change);
    const publishes = change.kind === 'confirm' || change.kind === 'cancel';
    const eventSeq = order.eventSeq + (publishes ? 1 : 0);
    await moveOrder(tx, order.orderId, {
      status,
      cancelReason: change.kind === 'cancel' ? change.reason : order.cancelReason,
      eventSeq,
      paymentSeq: Math.max(order.paymentSeq, event.seq),
      paymentStatus: change.paymentStatus,
      provider: event.payload.provider,
    });
    await this.publish(tx, order, change, eventSeq);
    if (change.kind === 'cancel') await releaseStock(tx, order.orderId);
  }

  private async publish(tx: Tx, order: LockedOrder, change: Change, seq: number): Promise<void> {
    const { orderId, paymentId, customerId, currency, totalMinor } = order;
    const payload = { orderId, paymentId, customerId, currency, totalMinor };
    if (change.kind === 'confirm')
      await this.outbox.append(tx, { type: 'order.confirmed', aggregateId: orderId, seq, payload });
    if (change.kind === 'cancel') {
      const cancelled = { ...payload, cancelReason: change.reason };
      await this.outbox.append(tx, { type: 'order.cancelled', aggregateId: orderId, seq, payload: cancelled });
    }
  }
}

const statusByChange = { confirm: 'CONFIRMED', cancel: 'CANCELLED', review: 'MANUAL_REVIEW' } as const;

function nextStatus(order: LockedOrder, change: Change): OrderState['status'] {
  if (change.kind === 'progress') return order.status;
  const next = statusByChange[change.kind];
  if (order.status !== next && !canMove(order.status, next) && !switchedOff('inbox'))
    throw illegalMove(order.orderId, order.status, next);
  return next;
}

/** A consumer that knows nothing of what it did: a drill's proof that the checker notices doubled effects. */
const withoutMemory = (order: LockedOrder): OrderState => ({ ...order, paymentSeq: 0, status: 'PLACED' });

/** After COMMIT, so that no metric counts what was rolled back. */
function report({ order, settlement, acceptedGap }: Applied): void {
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
