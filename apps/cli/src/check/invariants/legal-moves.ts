import type { Dossier, EventFact, Timeline } from '../facts.js';
import type { Complaint, Invariant } from '../invariant.js';

/** Which event may follow which, per kind of aggregate; `start` is the beginning. An event that changes nothing keeps the state. */
const NEXT: Record<string, Record<string, string>> = {
  order: {
    'start order.placed': 'PLACED',
    'PLACED order.settlement-requested': 'PLACED',
    'PLACED order.confirmed': 'CONFIRMED',
    'PLACED order.cancelled': 'CANCELLED',
    'CONFIRMED order.cancelled': 'CANCELLED',
  },
  payment: {
    'start payment.processing': 'PROCESSING',
    'start payment.succeeded': 'SUCCEEDED',
    'start payment.failed': 'FAILED',
    'start payment.refunded': 'REFUNDED',
    'PROCESSING payment.processing': 'PROCESSING',
    'PROCESSING payment.succeeded': 'SUCCEEDED',
    'PROCESSING payment.declined': 'DECLINED',
    'PROCESSING payment.failed': 'FAILED',
    'PROCESSING payment.refunded': 'REFUNDED',
    // Asked again, the payment service says again how it ended (R21).
    'SUCCEEDED payment.succeeded': 'SUCCEEDED',
    'SUCCEEDED payment.refunded': 'REFUNDED',
    'DECLINED payment.declined': 'DECLINED',
    'DECLINED payment.refunded': 'REFUNDED',
    'FAILED payment.failed': 'FAILED',
    'FAILED payment.refunded': 'REFUNDED',
    'REFUNDED payment.failed': 'REFUNDED',
    'REFUNDED payment.refunded': 'REFUNDED',
  },
};

export const legalMoves: Invariant = {
  id: 'I4',
  promise: 'orders and payments make legal moves only, and their events are numbered without gaps',
  ofOrder: (dossier, timeline) => [
    ...dossier.orders.flatMap(({ orderId, eventSeq, status }) =>
      complaintsOf({ name: 'order', id: orderId, seq: eventSeq, status }, dossier, timeline),
    ),
    ...dossier.payments.flatMap(({ paymentId, seq }) =>
      complaintsOf({ name: 'payment', id: paymentId, seq }, dossier, timeline),
    ),
  ],
};

type Aggregate = { name: 'order' | 'payment'; id: string; seq: number; status?: string };

function complaintsOf(aggregate: Aggregate, dossier: Dossier, timeline: Timeline): Complaint[] {
  const events = dossier.events.filter(({ aggregateId }) => aggregateId === aggregate.id);
  events.sort((a, b) => a.seq - b.seq);
  const hasLostSome = dossier.orders.some(({ createdAtMs }) => createdAtMs < timeline.outboxSinceMs);
  if (hasLostSome) return [];
  const gap = events.findIndex(({ seq }, index) => seq !== index + 1);
  const seqs = events.map(({ seq }) => seq).join(',');
  if (gap >= 0) return [`${aggregate.name} ${aggregate.id} has events numbered ${seqs}`];
  if (events.length !== aggregate.seq) {
    return [`${aggregate.name} ${aggregate.id} counts ${aggregate.seq} events, its outbox has ${seqs || 'none'}`];
  }
  return walk(aggregate, events);
}

function walk({ name, id, status }: Aggregate, events: readonly EventFact[]): Complaint[] {
  let state = 'start';
  for (const { type, seq } of events) {
    const next = NEXT[name]?.[`${state} ${type}`];
    if (next === undefined) return [`${name} ${id}: event ${seq}, ${type}, came in state ${state}`];
    state = next;
  }
  if (status === undefined || status === state || status === 'MANUAL_REVIEW') return [];
  return [`${name} ${id} is ${status}, but its events make it ${state}`];
}
