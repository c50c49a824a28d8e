import { named, type Tx } from '#libs/database';

const statement = named('select-stock-levels', `SELECT sku, available FROM stock WHERE sku = ANY ($1::text[])`);

/** Pieces that are free, by SKU; SKUs that do not exist are left out. */
export async function selectStockLevels(tx: Tx, skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.run<{ sku: string; available: number }>(statement, [skus]);
  return new Map(rows.map(({ sku, available }) => [sku, available]));
}
