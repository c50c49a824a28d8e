import type { PaymentStatus } from '#libs/contracts';
import { AppError } from '#libs/errors';

/** A move the state machine does not know: a bug of ours, or poison. */
export const illegalMove = (from: PaymentStatus, to: PaymentStatus): AppError =>
  new AppError({
    code: 'payment-contradicted',
    kind: 'poison',
    message: `A payment that is ${from} cannot become ${to}.`,
  });

/** An event or a provider names another order, amount or key than the payment has. */
export const contradicted = (paymentId: string, what: string): AppError =>
  new AppError({
    code: 'payment-contradicted',
    kind: 'poison',
    message: `Payment ${paymentId}: ${what}. Compare it with its order and the provider's ledger.`,
  });

/** An event came before its predecessor: the lane waits for that one (R15). */
export const tooEarly = (orderId: string, seq: number, expected: number): AppError =>
  new AppError({
    code: 'payment-event-early',
    kind: 'unavailable',
    message: `Event ${seq} of order ${orderId} came before event ${expected}. It is tried again.`,
  });

export const paymentNotFound = (paymentId: string): AppError =>
  new AppError({ code: 'payment-not-found', kind: 'not-found', message: `There is no payment ${paymentId}.` });
