import type { EventPayload } from '#libs/contracts';
import { type NewEvent, type SealedEvent, sealEvent } from '#libs/outbox';
import { RequestContext } from '#libs/telemetry';
import type { PaymentEventType } from './payment.js';
import type { PaymentRow } from './payment.repository.js';

type Told = Pick<PaymentRow, 'paymentId' | 'orderId' | 'currency' | 'amountMinor'> &
  Partial<Pick<PaymentRow, 'provider' | 'declineCode' | 'correlationId' | 'traceparent'>>;

/** An event about a payment, in the context of the request that began it all. */
export function eventAbout(told: Told, type: PaymentEventType, seq: number): SealedEvent {
  const { correlationId, traceparent } = told;
  const context = { correlationId: correlationId ?? undefined, traceparent: traceparent ?? undefined };
  return RequestContext.run(context, () => sealEvent(newEvent(told, type, seq)));
}

/** The compiler does not see that type and payload belong together; the contract is checked when it is sealed. */
const newEvent = (told: Told, type: PaymentEventType, seq: number): NewEvent =>
  ({ type, aggregateId: told.paymentId, seq, payload: payloadOf(type, told) }) as NewEvent;

function payloadOf(type: PaymentEventType, told: Told): EventPayload<PaymentEventType> {
  const { paymentId, orderId, currency, amountMinor, provider, declineCode } = told;
  const payload = { paymentId, orderId, currency, amountMinor, ...(provider && { provider }) };
  if (type === 'payment.failed') return { ...payload, reason: 'SYSTEM_ERROR' };
  return type === 'payment.declined' && declineCode ? { ...payload, declineCode } : payload;
}
