import { z } from 'zod';
import { amountMinor, currency } from './money.js';
import { cancelReason, orderItem, paymentToken } from './order.contract.js';
import { ORDER_EVENTS, PAYMENT_COMPENSATION, PAYMENT_EVENTS, type Topic } from './topics.js';

const orderPayload = z.strictObject({
  orderId: z.uuid(),
  paymentId: z.uuid(),
  customerId: z.string(),
  currency,
  totalMinor: amountMinor,
});

/** Everything the payment service needs to charge: sent with the order, and again when the order is not final in time (R21). */
export const settlementPayload = z.strictObject({
  ...orderPayload.shape,
  items: z.array(orderItem),
  paymentToken,
  placedAt: z.iso.datetime(),
});

const cancelledPayload = z.strictObject({ ...orderPayload.shape, cancelReason });

const paymentPayload = z.strictObject({
  paymentId: z.uuid(),
  orderId: z.uuid(),
  currency,
  amountMinor,
  provider: z.string().optional(),
});

/** Payload schema of every event type, by type. The same schema validates an event when produced and when consumed. */
export const eventPayloads = {
  'order.placed': settlementPayload,
  'order.settlement-requested': settlementPayload,
  'order.confirmed': orderPayload,
  'order.cancelled': cancelledPayload,
  'payment.processing': paymentPayload,
  'payment.succeeded': paymentPayload,
  'payment.declined': z.strictObject({ ...paymentPayload.shape, declineCode: z.string().optional() }),
  'payment.refunded': paymentPayload,
  'payment.failed': z.strictObject({ ...paymentPayload.shape, reason: z.literal('SYSTEM_ERROR') }),
} as const;

/** Name of an event. */
export type EventType = keyof typeof eventPayloads;
/** Payload of an event type. */
export type EventPayload<T extends EventType> = z.infer<(typeof eventPayloads)[T]>;

/** The topic an event travels on. */
export function topicOf(type: EventType): Topic {
  if (type === 'payment.failed') return PAYMENT_COMPENSATION;
  return type.startsWith('order.') ? ORDER_EVENTS : PAYMENT_EVENTS;
}

const envelopeShape = {
  eventId: z.uuid(),
  version: z.literal(1),
  aggregateId: z.uuid(),
  /** Counts 1, 2, 3 … per aggregate over all its topics: lower is a duplicate, a gap is an event still to come (R15). */
  seq: z.int().min(1),
  occurredAt: z.iso.datetime(),
  /** @see https://www.w3.org/TR/trace-context/ */
  traceparent: z.string().optional(),
  correlationId: z.string().max(128).optional(),
};

/** An event as it travels: JSON text of exactly these fields. The aggregate of `order.*` is the order, of `payment.*` the payment. */
export type EventEnvelope<T extends EventType = EventType> = {
  [K in T]: {
    eventId: string;
    type: K;
    version: 1;
    aggregateId: string;
    seq: number;
    occurredAt: string;
    traceparent?: string | undefined;
    correlationId?: string | undefined;
    payload: EventPayload<K>;
  };
}[T];

const eventTypes = Object.keys(eventPayloads) as [EventType, ...EventType[]];
const outer = z.strictObject({ ...envelopeShape, type: z.enum(eventTypes), payload: z.unknown() });

/**
 * Checks an event against its contract and gives it back typed.
 * @throws ZodError naming every field that is off
 */
export function parseEvent(value: unknown): EventEnvelope {
  const event = outer.parse(value);
  return { ...event, payload: eventPayloads[event.type].parse(event.payload) } as EventEnvelope;
}
