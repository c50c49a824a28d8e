import { z } from 'zod';
import { amountMinor, currency } from './money.js';
import { paymentStatus } from './payment.contract.js';
import { sku } from './product.contract.js';

/** Most distinct SKUs in an order. */
export const MAX_ORDER_ITEMS = 50;
/** Most pieces of one SKU in an order. */
export const MAX_QUANTITY = 99;
/** Longest `Idempotency-Key`, in characters. */
export const MAX_IDEMPOTENCY_KEY = 255;
/** Largest request body, in bytes. */
export const MAX_BODY_BYTES = 65_536;
/** Largest and default page. */
export const MAX_PAGE = 100;
/** @see MAX_PAGE */
export const DEFAULT_PAGE = 20;

/** Where an order stands. `MANUAL_REVIEW` is the last resort: it means that a person must look. */
export const orderStatus = z.enum(['PLACED', 'CONFIRMED', 'CANCELLED', 'MANUAL_REVIEW']);
/** @see orderStatus */
export type OrderStatus = z.infer<typeof orderStatus>;

/** Why an order was cancelled. */
export const cancelReason = z.enum(['payment-declined', 'payment-system-error', 'customer']);
/** @see cancelReason */
export type CancelReason = z.infer<typeof cancelReason>;

/** A token that stands for a means of payment; the simulator's test tokens begin with `tok_`. */
export const paymentToken = z.string().regex(/^tok_[a-z0-9_]{1,60}$/, 'a payment token looks like tok_ok');

/** One line of `POST /orders`. */
export const orderLine = z.strictObject({ sku, quantity: z.int().min(1).max(MAX_QUANTITY) });
/** @see orderLine */
export type OrderLine = z.infer<typeof orderLine>;

/** Body of `POST /orders`. Prices never come from the client. */
export const placeOrderBody = z.strictObject({
  items: z
    .array(orderLine)
    .min(1)
    .max(MAX_ORDER_ITEMS)
    .refine((lines) => new Set(lines.map((line) => line.sku)).size === lines.length, 'each SKU may appear once'),
  paymentToken,
});
/** @see placeOrderBody */
export type PlaceOrderBody = z.infer<typeof placeOrderBody>;

/** One line of an order, with the price it was placed at. */
export const orderItem = z.strictObject({ sku, quantity: z.int().min(1), unitPriceMinor: amountMinor });
/** @see orderItem */
export type OrderItem = z.infer<typeof orderItem>;

/** An order as its customer sees it. */
export const orderView = z.strictObject({
  orderId: z.uuid(),
  status: orderStatus,
  customerId: z.string(),
  currency,
  totalMinor: amountMinor,
  items: z.array(orderItem),
  payment: z.strictObject({ paymentId: z.uuid(), status: paymentStatus, provider: z.string().optional() }),
  cancelReason: cancelReason.optional(),
  version: z.int().min(1),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** @see orderView */
export type OrderView = z.infer<typeof orderView>;

/** A page: `next` is the opaque `after` of the following one, missing on the last. */
export type Page<T> = { items: T[]; next?: string };

/** Query of a list: `limit` 1 to {@link MAX_PAGE}, default {@link DEFAULT_PAGE}; `after` is opaque. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  after: z.string().min(1).max(512).optional(),
});
/** @see pageQuery */
export type PageQuery = z.infer<typeof pageQuery>;
