import { switchedOff } from '#libs/drill';
import { AppError } from '#libs/errors';
import { eventGap, illegalMove, strayPaymentEvent } from './order.errors.js';
import { canMove, type OrderState, type PaymentEvent, type Settlement, settle } from './order.js';
import type { LockedOrder } from './sql/lock-orders.js';

/** A settlement that changes something. */
export type Change = Exclude<Settlement, { kind: 'duplicate' | 'gap' }>;

/** What an event does to an order that is locked. */
export type Judged = {
  readonly event: PaymentEvent;
  readonly order: LockedOrder;
  readonly settlement: Change | { readonly kind: 'duplicate' };
  readonly status: OrderState['status'];
  /** Whether an event before it never came. */
  readonly acceptedGap: boolean;
};

/**
 * Decides about one event. `isPatienceOver` is asked only where an earlier event is missing. Pure but for that.
 * @returns an AppError, `event-gap`, `stray-payment-event` or `illegal-move`: one event's failure is not its batch's
 */
export function judgePaymentEvent(
  order: LockedOrder | undefined,
  event: PaymentEvent,
  isPatienceOver: (eventId: string) => boolean,
): Judged | AppError {
  if (order === undefined) return strayPaymentEvent(event.payload.orderId);
  const state = switchedOff('inbox') ? withoutMemory(order) : order;
  const first = settle(state, event);
  const acceptedGap = first.kind === 'gap' && isPatienceOver(event.eventId);
  const settlement = acceptedGap ? settle(state, event, true) : first;
  if (settlement.kind === 'gap') return eventGap(order.orderId, settlement.missingSeq);
  const status = nextStatus(order, settlement);
  return status instanceof AppError ? status : { event, order, settlement, status, acceptedGap };
}

const statusByChange = { confirm: 'CONFIRMED', cancel: 'CANCELLED', review: 'MANUAL_REVIEW' } as const;

function nextStatus(order: LockedOrder, { kind }: Judged['settlement']): OrderState['status'] | AppError {
  if (kind === 'progress' || kind === 'duplicate') return order.status;
  const next = statusByChange[kind];
  if (order.status !== next && !canMove(order.status, next) && !switchedOff('inbox'))
    return illegalMove(order.orderId, order.status, next);
  return next;
}

/** A consumer that knows nothing of what it did: a drill's proof that the checker notices doubled effects. */
const withoutMemory = (order: LockedOrder): OrderState => ({ ...order, paymentSeq: 0, status: 'PLACED' });
