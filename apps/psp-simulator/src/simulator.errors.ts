import { AppError } from '#libs/errors';

/** One key stands for one act of money. */
export const keyReused = (key: string): AppError =>
  new AppError({
    code: 'psp-key-reused',
    kind: 'unprocessable',
    message: `Idempotency-Key ${JSON.stringify(key)} was first used for another act. Send a new key for a new act.`,
  });

export const keyMissing = (): AppError =>
  new AppError({
    code: 'psp-key-missing',
    kind: 'invalid',
    message: 'The header Idempotency-Key (1 to 255 characters) is missing. Every act of money needs one.',
  });

export const nothingToRefund = (reference: string, leftMinor: number): AppError =>
  new AppError({
    code: 'psp-nothing-to-refund',
    kind: 'unprocessable',
    message: `Only ${leftMinor} can be refunded for ${reference}. Refund at most what was charged.`,
  });

/** What a provider in trouble says; nothing was done. */
export const providerFailed = (): AppError =>
  new AppError({
    code: 'psp-failed',
    kind: 'unavailable',
    message: 'The provider failed on purpose (test token or fault) and did nothing. Repeat with the same key.',
  });
