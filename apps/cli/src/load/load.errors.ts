import { AppError } from '#libs/errors';

/** What was typed cannot be used; the message shows what can. */
export const unusable = (message: string): AppError =>
  new AppError({ code: 'invalid-request', kind: 'invalid', message });

/** The shop does not answer as a shop does. */
export const notReady = (message: string): AppError =>
  new AppError({ code: 'unavailable', kind: 'unavailable', message });
