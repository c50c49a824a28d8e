import type { LedgerFact } from '../facts.js';

/** Money that moved one way, in minor units. */
export function sumOf(ledger: readonly LedgerFact[], kind: 'charge' | 'refund'): number {
  let sum = 0;
  for (const line of ledger) if (line.kind === kind && line.outcome === 'succeeded') sum += line.amountMinor;
  return sum;
}
