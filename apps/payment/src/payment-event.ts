import type { EventPayload } from '#libs/contracts';
import type { Tx } from '#libs/database';
import type { NewEvent, Outbox } from '#libs/outbox';
import { RequestContext } from '#libs/telemetry';
import type { PaymentEventType } from './payment.js';
import type { PaymentRow } from './payment.repository.js';

type Told = Pick<PaymentRow, 'paymentId' | 'orderId' | 'currency' | 'amountMinor'> &
  Partial<Pick<PaymentRow, 'provider' | 'declineCode' | 'correlationId' | 'traceparent'>>;

/** Writes an event about a payment into the outbox, in the context of the request that began it all. */
export async function tell(
  tx: Tx,
  outbox: Outbox,
  told: Told,
  event: { type: PaymentEventType; seq: number },
): Promise<void> {
  const { correlationId, traceparent } = told;
  const context = { correlationId: correlationId ?? undefined, traceparent: traceparent ?? undefined };
  await RequestContext.run(context, () => outbox.append(tx, eventOf(told, event.type, event.seq)));
}

/** The compiler does not see that type and payload belong together; the contract is checked when it is sealed. */
const eventOf = (told: Told, type: PaymentEventType, seq: number): NewEvent =>
  ({ type, aggregateId: told.paymentId, seq, payload: payloadOf(type, told) }) as NewEvent;

function payloadOf(type: PaymentEventType, told: Told): EventPayload<PaymentEventType> {
  const { paymentId, orderId, currency, amountMinor, provider, declineCode } = told;
  const payload = { paymentId, orderId, currency, amountMinor, ...(provider && { provider }) };
  if (type === 'payment.failed') return { ...payload, reason: 'SYSTEM_ERROR' };
  return type === 'payment.declined' && declineCode ? { ...payload, declineCode } : payload;
}
