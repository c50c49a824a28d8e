import type { Dossier, OrderFact, Timeline } from '../facts.js';
import type { Complaint, Invariant } from '../invariant.js';

/** Time an order has from the later of its placement and the healing, and its money from its end. */
export const SETTLE_WITHIN_MS = 60_000;
/** Clocks of client and services differ a little; a second is not what is meant. */
const CLOCK_TOLERANCE_MS = 1_000;

export const becomesFinal: Invariant = {
  id: 'I3',
  promise: 'every order is final within 60 s of healing, and its payment settled, refunds included, 60 s later',
  ofOrder: (dossier, timeline) => dossier.orders.flatMap((order) => complaintsOf(order, dossier, timeline)),
};

function complaintsOf(order: OrderFact, { events, payments }: Dossier, timeline: Timeline): Complaint[] {
  const { orderId, status, createdAtMs } = order;
  if (status === 'PLACED' || status === 'MANUAL_REVIEW') return [`order ${orderId} is ${status}`];
  const deadlineMs = Math.max(timeline.healedAtMs, createdAtMs) + SETTLE_WITHIN_MS + CLOCK_TOLERANCE_MS;
  const finals = events.filter(({ type, aggregateId }) => aggregateId === orderId && isFinal(type));
  const finalAtMs = Math.min(...finals.map(({ occurredAtMs }) => occurredAtMs));
  const complaints: Complaint[] = [];
  if (finals.length > 0 && finalAtMs > deadlineMs) {
    const lateSeconds = ((finalAtMs - deadlineMs + SETTLE_WITHIN_MS) / 1_000).toFixed(1);
    complaints.push(`order ${orderId} became final ${lateSeconds} s after healing`);
  }
  const waiting = payments.find((payment) => UNSETTLED.has(payment.status));
  if (waiting)
    complaints.push(`order ${orderId} is ${status} but its payment ${waiting.paymentId} is ${waiting.status}`);
  return complaints;
}

const UNSETTLED = new Set(['REQUESTED', 'PROCESSING', 'UNKNOWN', 'REFUNDING']);

const isFinal = (type: string): boolean => type === 'order.confirmed' || type === 'order.cancelled';
