import type { Dossier } from '../facts.js';
import type { Invariant } from '../invariant.js';
import { sumOf } from './sum-of.js';

export const moneyMovesOnce: Invariant = {
  id: 'I2',
  promise:
    'at most one charge per payment succeeded, and charged minus refunded is the total of a confirmed order, 0 of any other',
  ofOrder: (dossier) => {
    const { paymentId, ledger } = dossier;
    const charges = ledger.filter(({ kind, outcome }) => kind === 'charge' && outcome === 'succeeded');
    const complaints: string[] = [];
    if (charges.length > 1) {
      const list = charges.map(
        ({ provider, idempotencyKey, amountMinor }) => `${provider} ${idempotencyKey} ${amountMinor}`,
      );
      complaints.push(`payment ${paymentId} was charged ${charges.length} times: ${list.join(', ')}`);
    }
    const net = sumOf(ledger, 'charge') - sumOf(ledger, 'refund');
    const expected = expectedNet(dossier);
    if (expected !== undefined && net !== expected) {
      const { orders } = dossier;
      const order = orders[0] ? `order ${orders[0].orderId}, ${orders[0].status}` : 'no order';
      complaints.push(`payment ${paymentId} (${order}): ${net} was taken, ${expected} is right`);
    }
    return complaints;
  },
};

/** `undefined` while the order is not final: then its money may be on the way (I3 complains if that lasts). */
function expectedNet({ orders }: Dossier): number | undefined {
  const [order] = orders;
  if (!order) return 0;
  if (order.status === 'CONFIRMED') return order.totalMinor;
  return order.status === 'CANCELLED' ? 0 : undefined;
}
