import { z } from 'zod';
import { config, setting } from '#libs/config';
import { SCARCE_EVERY } from './sample-catalogue.js';

/** What is put on the shelf. */
export const seedConfig = config('seed', {
  products: setting(z.int().min(SCARCE_EVERY).max(9_999), 1_000, 'Products for sale.'),
  stock: setting.optional(
    z.int().min(1).max(2_000_000_000),
    'Fill every shelf that is not scarce up to at least so many pieces; without it, 10,000 and more on the first day only.',
  ),
});
