import { z } from 'zod';
import { type ConfigOf, config, setting } from '#libs/config';

/** How long orders and keys are kept. Read by the migrations, which run at every start. */
export const orderRetentionConfig = config('order-retention', {
  ordersDays: setting(z.int().min(7).max(36_525), 3_653, 'Full days an order and its items stay, at least.'),
  keysDays: setting(
    z.int().min(1).max(365),
    3,
    'Full days an idempotency key is remembered, at least: a repeat after that places another order.',
  ),
});

/** Days by table, as `migrate` wants them. */
export const orderKeepDays = ({ ordersDays, keysDays }: ConfigOf<typeof orderRetentionConfig>) => ({
  orders: ordersDays,
  order_items: ordersDays,
  idempotency: keysDays,
});
