import type { LedgerItem, PspResult } from '#libs/contracts';

/** A row of the table `act`; without `outcome` it was only attempted so far. */
export type ActRow = {
  key: string;
  kind: 'charge' | 'refund';
  reference: string;
  amount_minor: number;
  currency: string;
  digest: string;
  attempts: number;
  id: string | null;
  outcome: 'succeeded' | 'declined' | 'voided' | null;
  decline_code: string | null;
  at: string | null;
  seq: number | null;
};

/** What callers and webhooks are told of a settled row. */
export function resultOf(row: ActRow): PspResult {
  if (row.id === null || row.outcome === null || row.at === null) throw new Error(`Key ${row.key} is not settled yet.`);
  return {
    id: row.id,
    kind: row.kind,
    reference: row.reference,
    idempotencyKey: row.key,
    amountMinor: row.amount_minor,
    currency: row.currency,
    outcome: row.outcome,
    ...(row.decline_code === null ? {} : { declineCode: row.decline_code }),
    at: row.at,
  };
}

/** The row as a line of the ledger. */
export function ledgerItemOf(row: ActRow): LedgerItem {
  const { outcome, seq, at } = row;
  if (outcome === null || outcome === 'voided' || seq === null || at === null) {
    throw new Error(`Key ${row.key} moved no money.`);
  }
  return {
    seq,
    kind: row.kind,
    reference: row.reference,
    idempotencyKey: row.key,
    amountMinor: row.amount_minor,
    currency: row.currency,
    outcome,
    at,
  };
}
