import { type OrderView, uuidv7 } from '#libs/contracts';
import type { PaymentEvent } from '../src/order.js';

/** What payment would say about an order. */
export function paymentEvent(order: OrderView, type: PaymentEvent['type'], seq: number): PaymentEvent {
  const payload = {
    paymentId: order.payment.paymentId,
    orderId: order.orderId,
    currency: order.currency,
    amountMinor: order.totalMinor,
    provider: 'psp-acme',
    ...(type === 'payment.failed' ? { reason: 'SYSTEM_ERROR' as const } : {}),
  };
  return {
    eventId: uuidv7(),
    type,
    version: 1,
    aggregateId: order.payment.paymentId,
    seq,
    occurredAt: new Date().toISOString(),
    payload,
  } as PaymentEvent;
}
