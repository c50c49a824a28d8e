import type { Tx } from '#libs/database';
import { type Outbox, type SealedEvent, sealEvent } from '#libs/outbox';
import { RequestContext } from '#libs/telemetry';
import type { Change, Judged } from './judge-payment-event.js';
import type { LockedOrder } from './sql/lock-orders.js';
import { moveOrders, type OrderMove } from './sql/move-orders.js';
import { releaseStock } from './sql/release-stock.js';

/** A decision that changes its order. */
export type Decided = Judged & { readonly settlement: Change };

/** Writes what was decided about locked orders, each once: their states, then their events, then the stock they free (R7). */
export async function writeSettlements(tx: Tx, outbox: Outbox, decided: readonly Decided[]): Promise<void> {
  await moveOrders(tx, decided.map(moveOf));
  await outbox.appendSealed(tx, decided.flatMap(eventOf));
  const cancelled = decided.filter(({ settlement }) => settlement.kind === 'cancel');
  await releaseStock(
    tx,
    cancelled.map(({ order }) => order.orderId),
  );
}

function moveOf({ order, event, settlement, status }: Decided): OrderMove {
  return {
    orderId: order.orderId,
    status,
    cancelReason: settlement.kind === 'cancel' ? settlement.reason : order.cancelReason,
    eventSeq: order.eventSeq + (publishes(settlement) ? 1 : 0),
    paymentSeq: Math.max(order.paymentSeq, event.seq),
    paymentStatus: settlement.paymentStatus,
    provider: event.payload.provider,
  };
}

const publishes = ({ kind }: Change): boolean => kind === 'confirm' || kind === 'cancel';

/** In the context of the event that caused it: those of a batch belong to different requests. */
function eventOf({ order, event, settlement }: Decided): SealedEvent[] {
  const { correlationId, traceparent } = event;
  return RequestContext.run({ correlationId, traceparent }, () => {
    const about = { aggregateId: order.orderId, seq: order.eventSeq + 1 };
    if (settlement.kind === 'confirm')
      return [sealEvent({ type: 'order.confirmed', ...about, payload: payloadOf(order) })];
    if (settlement.kind !== 'cancel') return [];
    const payload = { ...payloadOf(order), cancelReason: settlement.reason };
    return [sealEvent({ type: 'order.cancelled', ...about, payload })];
  });
}

const payloadOf = ({ orderId, paymentId, customerId, currency, totalMinor }: LockedOrder) => ({
  orderId,
  paymentId,
  customerId,
  currency,
  totalMinor,
});
