import { AppError } from '#libs/errors';
import { toProblem } from '#libs/service-defaults';

/**
 * Body of a refusal, with places for the SKU and the correlation id, which the database fills in: only it knows, under the
 * lock, what is short, and it stores the text in the same transaction (R2, R3).
 */
export const STOCK_EXHAUSTED_TEMPLATE = JSON.stringify(
  toProblem(
    new AppError({
      code: 'stock-exhausted',
      kind: 'conflict',
      message:
        'There are not enough pieces of %sku% left, and nothing was ordered. Order fewer, or something else, under a new key.',
      details: { sku: '%sku%' },
    }),
    '%correlation%',
  ).body,
);
