import { counter, gauge, histogram } from '#libs/telemetry';

/** Customer whose orders the monitor places every 10 s: in no revenue and no total. */
export const SYNTHETIC_CUSTOMER = 'synthetic';

/** What the shop does, in numbers. Synthetic orders are left out of all of them. */
export const ordersPlaced = counter('orders_placed_total', 'Orders placed.');
export const ordersConfirmed = counter('orders_confirmed_total', 'Orders paid.');
export const ordersCancelled = counter('orders_cancelled_total', 'Orders cancelled.', ['reason']);
export const ordersRefused = counter('orders_refused_total', 'Orders not placed, by why.', ['reason']);
export const ordersReplayed = counter(
  'orders_replayed_total',
  'Orders asked for again and answered as the first time.',
);
export const ordersForReview = counter('orders_manual_review_total', 'Orders a person must look at: must stay 0.');
export const revenue = counter('order_revenue_minor_total', 'Amounts of paid orders, in minor units.', ['currency']);
export const revenueReturned = counter(
  'order_revenue_returned_minor_total',
  'Amounts of paid orders that were cancelled afterwards, in minor units.',
  ['currency'],
);
export const settlementsRequested = counter(
  'order_settlements_requested_total',
  'Orders about which payment was asked again because they waited too long (R21).',
);
export const gapsAccepted = counter(
  'order_event_gaps_accepted_total',
  'Payment events applied although an earlier one never came (R15).',
);
export const batchOrders = histogram(
  'order_batch_orders',
  'Orders merged into one call of the database.',
  [],
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
);
export const batchWait = histogram(
  'order_batch_wait_seconds',
  'How long the oldest order of a batch waited to be sent.',
);
export const admission = gauge('order_admission_orders', 'Orders inside, and most that are let in now.', ['what']);

/** Whether an order counts. */
export const isReal = (customerId: string): boolean => customerId !== SYNTHETIC_CUSTOMER;
