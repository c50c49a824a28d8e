import { named, type Tx } from '#libs/database';

// A statement of its own: UPDATE … FROM locks rows in the order of its join, and two of them would deadlock.
const lockShelf = named(
  'lock-shelf-of-order',
  `SELECT s.sku FROM stock s
    WHERE s.sku IN (SELECT i.sku FROM order_items i WHERE i.order_id = $1) ORDER BY s.sku FOR UPDATE`,
);

const putBack = named(
  'release-stock',
  `UPDATE stock s SET available = s.available + back.pieces
     FROM (SELECT i.sku, sum(i.quantity)::int AS pieces FROM order_items i WHERE i.order_id = $1 GROUP BY i.sku) AS back
    WHERE s.sku = back.sku`,
);

/**
 * Gives the pieces of a cancelled order back. Rows are locked in SKU order, as everywhere, and written from a source
 * grouped by SKU, because UPDATE … FROM applies one joined row per SKU and drops the rest (R7).
 */
export async function releaseStock(tx: Tx, orderId: string): Promise<void> {
  await tx.run(lockShelf, [orderId]);
  await tx.run(putBack, [orderId]);
}
