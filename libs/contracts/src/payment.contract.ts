import { z } from 'zod';

/** Where a payment stands. `UNKNOWN`: the provider was asked and nobody knows its answer yet. */
export const paymentStatus = z.enum([
  'REQUESTED',
  'PROCESSING',
  'SUCCEEDED',
  'DECLINED',
  'UNKNOWN',
  'FAILED',
  'REFUNDING',
  'REFUNDED',
]);
/** @see paymentStatus */
export type PaymentStatus = z.infer<typeof paymentStatus>;
