import type { LedgerFact, PaymentFact } from '../facts.js';
import type { Complaint, Invariant } from '../invariant.js';
import { sumOf } from './sum-of.js';

export const paymentsEqualLedgers: Invariant = {
  id: 'I11',
  promise: 'what payments say of money is what the ledgers say',
  ofOrder: ({ paymentId, payments, ledger }) => {
    const moved = ledger.filter(({ outcome }) => outcome === 'succeeded');
    const [payment] = payments;
    if (payment) return compare(payment, moved);
    return moved.length > 0 ? [`payment ${paymentId} moved money at ${moved[0]?.provider ?? ''} but is unknown`] : [];
  },
};

/** Money a payment of this status has taken and given back; missing: it is under way. */
const EXPECTED: Partial<Record<PaymentFact['status'], { charged: 0 | 1; refunded: 0 | 1 }>> = {
  SUCCEEDED: { charged: 1, refunded: 0 },
  REFUNDED: { charged: 1, refunded: 1 },
  DECLINED: { charged: 0, refunded: 0 },
  FAILED: { charged: 0, refunded: 0 },
};

function compare(payment: PaymentFact, moved: readonly LedgerFact[]): Complaint[] {
  const { paymentId, status, amountMinor, provider, currency } = payment;
  const expected = EXPECTED[status];
  if (!expected) return [];
  const [charged, refunded] = [sumOf(moved, 'charge'), sumOf(moved, 'refund')];
  const complaints: Complaint[] = [];
  if (charged !== expected.charged * amountMinor || refunded !== expected.refunded * amountMinor) {
    complaints.push(`payment ${paymentId} over ${amountMinor} is ${status}: ${charged} charged, ${refunded} refunded`);
  }
  const elsewhere = moved.find((line) => line.provider !== provider || line.currency !== currency);
  if (elsewhere) {
    complaints.push(
      `payment ${paymentId} is at ${provider ?? 'no provider'} in ${currency}, its money at ${elsewhere.provider} in ${elsewhere.currency}`,
    );
  }
  return complaints;
}
