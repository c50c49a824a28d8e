import { ZodError } from 'zod';
import { AppError, isRetryable } from '#libs/errors';

/** How often a poisonous record is tried before it goes to the dead letter (R15). */
export const MAX_POISON_ATTEMPTS = 5;

/** Deepest chain of causes that is followed. */
const MAX_CAUSES = 8;

/** SQLSTATE classes that say the data is at fault: 22 data exception, 23 integrity constraint violation. */
const DATA_FAULT = /^2[23][0-9A-Z]{3}$/;

/**
 * Whether `error` would come again on a healthy system: a broken contract, an illegal move (`AppError` of kind `poison`),
 * SQLSTATE class 22 or 23. Everything else, a lost database for one, may heal and is retried for ever.
 */
export function isPoison(error: unknown): boolean {
  let link = error;
  for (let depth = 0; depth < MAX_CAUSES && link !== null && typeof link === 'object'; depth++) {
    if (link instanceof ZodError) return true;
    if (link instanceof AppError && link.kind === 'poison') return true;
    if (isRetryable(link)) return false;
    const { code } = link as { code?: unknown };
    if (typeof code === 'string' && DATA_FAULT.test(code)) return true;
    link = (link as { cause?: unknown; driverError?: unknown }).driverError ?? (link as { cause?: unknown }).cause;
  }
  return false;
}
