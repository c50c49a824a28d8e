import { named } from '#libs/database';

/** Takes the turn to read a provider's ledger, for as long as a reading may take; no row when somebody else has it. */
export const takeLedgerTurn = named(
  'take-ledger-turn',
  `INSERT INTO ledger_cursors AS c (provider, seq, busy_until) VALUES ($1, 0, now() + $2::float8 * interval '1 millisecond')
   ON CONFLICT (provider) DO UPDATE SET busy_until = excluded.busy_until WHERE c.busy_until < now()
   RETURNING seq`,
);

/** Moves on; never back, whoever was faster. */
export const moveLedgerCursor = named(
  'move-ledger-cursor',
  'UPDATE ledger_cursors SET seq = greatest(seq, $2) WHERE provider = $1',
);

/** Payments of a page of the ledger that do not know yet what it says. */
export const ignorantOf = named(
  'payments-ignorant-of-ledger',
  `SELECT page.position FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS page (payment_id, kind, outcome, position)
   JOIN payments p USING (payment_id)
   WHERE CASE WHEN kind = 'refund' THEN p.status = 'REFUNDING'
              WHEN outcome = 'succeeded' THEN p.status NOT IN ('SUCCEEDED', 'REFUNDING', 'REFUNDED')
              ELSE p.status IN ('PROCESSING', 'UNKNOWN') END
   ORDER BY page.position`,
);
