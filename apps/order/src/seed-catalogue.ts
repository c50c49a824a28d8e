import { type Database, named } from '#libs/database';
import type { SampleProduct } from './sample-catalogue.js';

const addProducts = named(
  'add-products',
  `INSERT INTO product (sku, name, currency, stocked)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) ON CONFLICT (sku) DO NOTHING`,
);

const addStock = named(
  'add-stock',
  `INSERT INTO stock (sku, unit_price_minor, available)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[]) ON CONFLICT (sku) DO NOTHING`,
);

// In SKU order, as everywhere; a statement of its own, because UPDATE … FROM locks in the order of its join.
const lockStock = named('lock-stock', 'SELECT sku FROM stock WHERE sku = ANY ($1::text[]) ORDER BY sku FOR UPDATE');

const fillUp = named(
  'fill-up-stock',
  `WITH filled AS (
     UPDATE stock s SET available = t.target FROM unnest($1::text[], $2::int[]) AS t (sku, target), stock before
      WHERE s.sku = t.sku AND before.sku = s.sku AND s.available < t.target
     RETURNING s.sku, s.available - before.available AS added)
   UPDATE product p SET stocked = p.stocked + f.added FROM filled f WHERE p.sku = f.sku
   RETURNING p.sku`,
);

/** Puts products on the shelf that are not there yet: again and again the same shelf. Gives back how many SKUs it knows. */
export async function seedCatalogue(database: Database, products: readonly SampleProduct[]): Promise<void> {
  const skus = products.map((product) => product.sku);
  await database.write(async (tx) => {
    const stocked = products.map((product) => product.stocked);
    const prices = products.map((product) => product.unitPriceMinor);
    await tx.run(addProducts, [skus, products.map((p) => p.name), products.map((p) => p.currency), stocked]);
    await tx.run(addStock, [skus, prices, stocked]);
  });
}

/**
 * Fills shelves with fewer pieces than they started with up again, for load tests that must not run dry; `stocked` grows by
 * as much, so that stocked = available + sold stays true. Gives back how many were filled.
 */
export async function refillCatalogue(database: Database, products: readonly SampleProduct[]): Promise<number> {
  const skus = products.map((product) => product.sku);
  return await database.write(async (tx) => {
    await tx.run(lockStock, [skus]);
    return (await tx.run(fillUp, [skus, products.map((product) => product.stocked)])).length;
  });
}
