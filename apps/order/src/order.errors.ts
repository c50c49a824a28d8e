import type { OrderStatus } from '#libs/contracts';
import { AppError } from '#libs/errors';

export const keyReused = (key: string): AppError =>
  new AppError({
    code: 'idempotency-key-reused',
    kind: 'unprocessable',
    message: `Idempotency-Key ${JSON.stringify(key)} was first used with another body. Send a new key for a new order.`,
  });

export const keyMissing = (): AppError =>
  new AppError({
    code: 'idempotency-key-missing',
    kind: 'invalid',
    message:
      'Send the header Idempotency-Key: 1 to 255 characters, a new one per order, the same one when you try again.',
  });

export const keyInFlight = (): AppError =>
  new AppError({
    code: 'idempotency-in-flight',
    kind: 'in-flight',
    message: 'The first request with this Idempotency-Key is still being worked on. Send the same request again.',
    retryAfterMs: 1_000,
  });

export const unknownSku = (sku: string): AppError =>
  new AppError({
    code: 'unknown-sku',
    kind: 'not-found',
    message: `There is no product ${JSON.stringify(sku)}. GET /products lists all of them.`,
    details: { sku },
  });

export const catalogueChanging = (): AppError =>
  new AppError({
    code: 'catalogue-changing',
    kind: 'unavailable',
    message: 'Prices changed while the order was being placed, and nothing was ordered. Send the same request again.',
    retryAfterMs: 1_000,
  });

export const orderNotFound = (orderId: string): AppError =>
  new AppError({
    code: 'order-not-found',
    kind: 'not-found',
    message: `You have no order ${JSON.stringify(orderId)}. GET /orders lists yours.`,
  });

export const notCancellable = (orderId: string, status: OrderStatus): AppError =>
  new AppError({
    code: 'not-cancellable',
    kind: 'conflict',
    message: `Order ${orderId} is ${status} and cannot be cancelled. Only PLACED and CONFIRMED orders can.`,
    details: { status },
  });

export const cursorInvalid = (): AppError =>
  new AppError({
    code: 'invalid-request',
    kind: 'invalid',
    message: '`after` is not a cursor of this list. Take it from `next` of the page before, or leave it out.',
  });

export const rateLimited = (retryAfterMs: number): AppError =>
  new AppError({
    code: 'rate-limited',
    kind: 'overloaded',
    message: 'You sent too many requests in a short time. Wait, then send this one again.',
    retryAfterMs,
  });

export const shed = (retryAfterMs: number): AppError =>
  new AppError({
    code: 'overloaded',
    // 429, not 503: the edge would try a 503 on the twin, which is overrun as well.
    kind: 'overloaded',
    message:
      'More orders arrive than can be placed quickly, and this one was not started. Send the same request again.',
    retryAfterMs,
  });

export const tooLate = (): AppError =>
  new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message: 'The order could not be started in time, and nothing was ordered. Send the same request again.',
    retryAfterMs: 1_000,
  });

/** An earlier event of the payment is still on its way: the lane waits for it (R15). */
export const eventGap = (orderId: string, missingSeq: number): AppError =>
  new AppError({
    code: 'event-gap',
    kind: 'unavailable',
    message: `Order ${orderId} waits for event ${missingSeq} of its payment, which is still on its way.`,
    retryAfterMs: 200,
  });

/** Every order exists before its payment does, so news about no order can never be applied. */
export const strayPaymentEvent = (orderId: string): AppError =>
  new AppError({
    code: 'stray-payment-event',
    kind: 'poison',
    message: `A payment event names order ${orderId}, which does not exist.`,
  });

/** A move that the state machine does not know: the events contradict each other. */
export const illegalMove = (orderId: string, from: OrderStatus, to: OrderStatus): AppError =>
  new AppError({
    code: 'illegal-move',
    kind: 'poison',
    message: `Order ${orderId} is ${from} and cannot become ${to}.`,
  });
