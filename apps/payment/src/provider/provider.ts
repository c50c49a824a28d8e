import type { ChargeBody, LedgerItem, PspResult, RefundBody } from '#libs/contracts';

/** What a provider is known to have done. It never throws: whatever happens to a call is one of these. */
export type ProviderAnswer =
  | { readonly kind: 'result'; readonly result: PspResult }
  /** Every attempt ended in "connection refused": nothing has reached it. */
  | { readonly kind: 'unreachable' }
  /** Circuit or bulkhead refused the call: nothing was sent now, and nothing is known of before. */
  | { readonly kind: 'not-asked' }
  /** A time-out, a dropped connection, a 5xx, an answer that makes no sense: nobody knows. */
  | { readonly kind: 'unanswered'; readonly reason: string };

/** Answer of a query; `results` are final. */
export type QueryAnswer =
  | { readonly kind: 'results'; readonly results: readonly PspResult[] }
  | Exclude<ProviderAnswer, { kind: 'result' }>;

/** A payment provider. Two implementations: over HTTP, and the one of the tests. */
export abstract class Provider {
  abstract readonly name: string;
  /** Calls it takes now. */
  abstract readonly capacity: number;
  /** State of its circuit. */
  abstract readonly circuit: 'closed' | 'half-open' | 'open';
  /** Charges once per key, however often it is asked. */
  abstract charge(key: string, body: ChargeBody): Promise<ProviderAnswer>;
  /** Makes sure that a key can never charge, and tells what it had done. */
  abstract void(key: string, body: RefundBody): Promise<ProviderAnswer>;
  /** Pays back once per key. */
  abstract refund(key: string, body: RefundBody): Promise<ProviderAnswer>;
  /** What became of all charges of a reference. */
  abstract query(reference: string): Promise<QueryAnswer>;
  /** Lines of its ledger after `afterSeq`, oldest first. @throws Error when it cannot be read now */
  abstract ledger(afterSeq: number, limit: number): Promise<readonly LedgerItem[]>;
  abstract close(): Promise<void>;
}
