import type { CancelReason, EventEnvelope, OrderStatus, PaymentStatus } from '#libs/contracts';

/** What decides an order's next move. */
export type OrderState = {
  readonly status: OrderStatus;
  readonly cancelReason: CancelReason | null;
  readonly currency: string;
  readonly totalMinor: number;
  /** Sequence number of the newest payment event that was applied; 0 before the first. */
  readonly paymentSeq: number;
  readonly paymentStatus: PaymentStatus;
};

/** News about an order's payment. */
export type PaymentEvent = EventEnvelope<
  'payment.processing' | 'payment.succeeded' | 'payment.declined' | 'payment.refunded' | 'payment.failed'
>;

/** What a payment event means for its order. */
export type Settlement =
  | { readonly kind: 'duplicate' }
  /** An earlier event of the same payment is still on its way (R15). */
  | { readonly kind: 'gap'; readonly missingSeq: number }
  /** Only what the order knows about its payment changes. */
  | { readonly kind: 'progress'; readonly paymentStatus: PaymentStatus }
  | { readonly kind: 'confirm'; readonly paymentStatus: PaymentStatus }
  | { readonly kind: 'cancel'; readonly paymentStatus: PaymentStatus; readonly reason: CancelReason }
  /** Money moved that does not match the order: a person must look. */
  | { readonly kind: 'review'; readonly paymentStatus: PaymentStatus; readonly why: string };

/** What a customer's wish to cancel means. */
export type Cancellation = 'cancel' | 'already-cancelled' | 'refuse';

/** Legal moves of an order. Anything else is a bug or a duplicate, and is refused. */
const moves = {
  PLACED: ['CONFIRMED', 'CANCELLED', 'MANUAL_REVIEW'],
  CONFIRMED: ['CANCELLED'],
  CANCELLED: [],
  MANUAL_REVIEW: ['CONFIRMED', 'CANCELLED'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** Whether an order may go from one status to another. */
export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return (moves[from] as readonly OrderStatus[]).includes(to);
}

/** Whether payment has nothing to say about the order any more, except that it was refunded. */
export function isFinal(status: OrderStatus): boolean {
  return status === 'CONFIRMED' || status === 'CANCELLED';
}

/**
 * What a payment event means for an order. Late, doubled and reordered news is harmless (R20): only an order that still
 * waits for its payment is settled. `acceptGap` ends the wait for an event that does not come: every result stands for itself.
 */
export function settle(order: OrderState, event: PaymentEvent, acceptGap = false): Settlement {
  if (event.seq <= order.paymentSeq) return { kind: 'duplicate' };
  if (event.seq > order.paymentSeq + 1 && !acceptGap) return { kind: 'gap', missingSeq: order.paymentSeq + 1 };
  if (isFinal(order.status)) return { kind: 'progress', paymentStatus: lateStatus(order, event) };
  switch (event.type) {
    case 'payment.succeeded':
      return succeed(order, event.payload);
    case 'payment.declined':
      return { kind: 'cancel', paymentStatus: 'DECLINED', reason: 'payment-declined' };
    case 'payment.failed':
      return { kind: 'cancel', paymentStatus: 'FAILED', reason: 'payment-system-error' };
    case 'payment.processing':
    case 'payment.refunded':
      return { kind: 'progress', paymentStatus: paymentStatusOf(event) };
  }
}

/** Customers may cancel while PLACED or CONFIRMED (R19), and are told the same when they ask again. */
export function cancel(order: Pick<OrderState, 'status' | 'cancelReason'>): Cancellation {
  if (order.status === 'PLACED' || order.status === 'CONFIRMED') return 'cancel';
  return order.status === 'CANCELLED' && order.cancelReason === 'customer' ? 'already-cancelled' : 'refuse';
}

/** What an order shows of its payment once the customer cancelled it: money that was taken is on its way back. */
export function paymentStatusAfterCancel(status: PaymentStatus): PaymentStatus {
  return status === 'SUCCEEDED' ? 'REFUNDING' : status;
}

function succeed(order: OrderState, paid: PaymentEvent['payload']): Settlement {
  if (paid.amountMinor === order.totalMinor && paid.currency === order.currency)
    return { kind: 'confirm', paymentStatus: 'SUCCEEDED' };
  const why = `paid ${paid.amountMinor} ${paid.currency} for ${order.totalMinor} ${order.currency}`;
  return { kind: 'review', paymentStatus: 'SUCCEEDED', why };
}

/** A success that comes after a cancellation is refunded by the payment service by itself (R19). */
function lateStatus(order: OrderState, event: PaymentEvent): PaymentStatus {
  const status = paymentStatusOf(event);
  return order.status === 'CANCELLED' && status === 'SUCCEEDED' ? 'REFUNDING' : status;
}

function paymentStatusOf(event: PaymentEvent): PaymentStatus {
  return statusByEvent[event.type];
}

const statusByEvent = {
  'payment.processing': 'PROCESSING',
  'payment.succeeded': 'SUCCEEDED',
  'payment.declined': 'DECLINED',
  'payment.refunded': 'REFUNDED',
  'payment.failed': 'FAILED',
} as const satisfies Record<PaymentEvent['type'], PaymentStatus>;
