import { z } from 'zod';
import { amountMinor, currency } from './money.js';

/** Stock keeping unit: letters, digits, dot, dash, underscore; 1 to 64. */
export const sku = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'a SKU has 1 to 64 letters, digits, dots, dashes or underscores');

/** A product as `GET /products` shows it; `available` is at most 1 s old. */
export const productView = z.strictObject({
  sku,
  name: z.string(),
  unitPriceMinor: amountMinor,
  currency,
  available: z.int().min(0),
});
/** @see productView */
export type ProductView = z.infer<typeof productView>;
