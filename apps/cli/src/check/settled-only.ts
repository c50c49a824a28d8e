import { madeAtMs } from '#libs/contracts';
import type { Dossier } from './facts.js';

/**
 * Leaves out the orders that strangers to the journal placed after `untilMs`, the monitor's synthetic customer for one:
 * they may be under way. Goes by the time in the payment's id, because of an order placed while the checker reads, some
 * facts are there and others, the order's row among them, are not.
 */
export function* settledOnly(dossiers: Iterable<Dossier>, untilMs: number): Generator<Dossier> {
  for (const dossier of dossiers) {
    if (dossier.acknowledgements.length > 0 || madeAtMs(dossier.paymentId) <= untilMs) yield dossier;
  }
}
