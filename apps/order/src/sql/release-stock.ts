import { named, type Tx } from '#libs/database';

// No row reaches the UPDATE before the CTE has locked it, and the CTE locks in SKU order, whatever the join.
const statement = named(
  'release-stock',
  `WITH back AS (SELECT i.sku, sum(i.quantity)::int AS pieces FROM order_items i WHERE i.order_id = ANY ($1::uuid[]) GROUP BY i.sku),
     locked AS MATERIALIZED (
       SELECT s.sku, back.pieces FROM back JOIN stock s ON s.sku = back.sku ORDER BY s.sku FOR UPDATE OF s)
   UPDATE stock s SET available = s.available + locked.pieces FROM locked WHERE s.sku = locked.sku`,
);

/**
 * Gives the pieces of cancelled orders back. Rows are locked in SKU order, as everywhere, and written from a source
 * grouped by SKU, because UPDATE … FROM applies one joined row per SKU and drops the rest (R7). Last in its transaction:
 * the row of a hot SKU is then held for the COMMIT only, while 1,000 others want it.
 */
export async function releaseStock(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length > 0) await tx.run(statement, [orderIds]);
}
