import { type EventPayload, type EventType, laneOf, parseEvent, type Topic, topicOf, uuidv7 } from '#libs/contracts';
import { RequestContext } from '#libs/telemetry';

/** An event as a use case states it. The rest of the envelope is filled in when it is sealed. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K;
    /** The order of `order.*`, the payment of `payment.*`. */
    readonly aggregateId: string;
    /** 1, 2, 3 … per aggregate, counted under the lock of its row (R15). */
    readonly seq: number;
    readonly payload: EventPayload<K>;
  };
}[T];

/** A row of the outbox, but for its `id`, which the database gives. */
export type SealedEvent = {
  readonly eventId: string;
  readonly lane: number;
  readonly topic: Topic;
  readonly aggregateId: string;
  readonly seq: number;
  /** The order id: everything about an order travels in one lane. */
  readonly key: string;
  /** JSON text of the envelope. */
  readonly value: string;
};

/**
 * Completes an event (id, time, trace and correlation of the running request) and checks it against its contract. For hot
 * paths that insert the outbox row themselves; everybody else calls `Outbox.append`.
 * @throws ZodError when the payload breaks the contract: a bug, to be seen in the producer's tests
 */
export function sealEvent(event: NewEvent): SealedEvent {
  const eventId = uuidv7();
  const { correlationId, traceparent } = RequestContext.current();
  const envelope = parseEvent({
    eventId,
    type: event.type,
    version: 1,
    aggregateId: event.aggregateId,
    seq: event.seq,
    occurredAt: new Date().toISOString(),
    traceparent,
    correlationId,
    payload: event.payload,
  });
  const key = envelope.payload.orderId;
  return {
    eventId,
    lane: laneOf(key),
    topic: topicOf(event.type),
    aggregateId: event.aggregateId,
    seq: event.seq,
    key,
    value: JSON.stringify(envelope),
  };
}
