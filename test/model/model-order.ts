import {
  cancel,
  canMove,
  isFinal,
  type OrderState,
  type PaymentEvent,
  paymentStatusAfterCancel,
  settle,
} from '../../apps/order/src/order.js';
import type { ModelEvent, ModelLog } from './model-log.js';

const TOTAL = 1000;
const payload = { paymentId: '', orderId: '', currency: 'KRW', amountMinor: TOTAL };

/** The order service around the real `settle` and `cancel`: one order, its piece of stock, its events. */
export class ModelOrder {
  state: OrderState = {
    status: 'PLACED',
    cancelReason: null,
    currency: 'KRW',
    totalMinor: TOTAL,
    paymentSeq: 0,
    paymentStatus: 'REQUESTED',
  };
  /** Pieces taken from the shelf; 1 when placed. */
  taken = 1;
  readonly history: OrderState['status'][] = ['PLACED'];
  private seq = 0;

  constructor(
    private readonly log: ModelLog,
    private readonly doubles: () => boolean,
  ) {
    this.publish('order.placed');
  }

  handle(event: ModelEvent, remembers: boolean): void {
    const known = remembers ? this.state : { ...this.state, paymentSeq: 0, status: 'PLACED' as const };
    const settlement = settle(known, { ...event, payload } as unknown as PaymentEvent);
    if (settlement.kind === 'gap') throw new Error(`waits for ${settlement.missingSeq}`);
    if (settlement.kind === 'duplicate') return;
    const { paymentStatus } = settlement;
    this.state = { ...this.state, paymentStatus, paymentSeq: Math.max(event.seq, this.state.paymentSeq) };
    if (settlement.kind === 'review') this.move('MANUAL_REVIEW');
    if (settlement.kind === 'confirm') {
      this.move('CONFIRMED');
      this.publish('order.confirmed');
    }
    if (settlement.kind === 'cancel') this.cancelled(settlement.reason);
  }

  cancelByCustomer(): void {
    if (cancel(this.state) !== 'cancel') return;
    this.state = { ...this.state, paymentStatus: paymentStatusAfterCancel(this.state.paymentStatus) };
    this.cancelled('customer');
  }

  /** The sweeper: asks again about an order that waits (R21). */
  askAgain(): void {
    if (!isFinal(this.state.status)) this.publish('order.settlement-requested');
  }

  private cancelled(cancelReason: NonNullable<OrderState['cancelReason']>): void {
    this.move('CANCELLED');
    this.state = { ...this.state, cancelReason };
    this.taken -= 1;
    this.publish('order.cancelled');
  }

  private move(status: OrderState['status']): void {
    if (!canMove(this.state.status, status)) throw new IllegalMove(`${this.state.status} → ${status}`);
    this.state = { ...this.state, status };
    this.history.push(status);
  }

  private publish(type: 'order.placed' | 'order.confirmed' | 'order.cancelled' | 'order.settlement-requested'): void {
    this.seq += 1;
    this.log.publish(type, this.seq, this.doubles());
  }
}

/** A broken rule, as against a handler that asks for patience. */
export class IllegalMove extends Error {}
