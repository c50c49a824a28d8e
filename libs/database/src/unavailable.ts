import { AppError } from '#libs/errors';

const RETRY_AFTER_MS = 1_000;

const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError({ code: 'unavailable', kind: 'unavailable', message, retryAfterMs: RETRY_AFTER_MS, cause });

/** No primary in time: nothing was sent. */
export const noPrimary = (): AppError =>
  unavailable('No database node is the primary right now. Nothing was done; send the same request again.');

/** No node for a read. */
export const noReader = (cause?: unknown): AppError =>
  unavailable('No database node can serve this read right now. Send the same request again.', cause);

/** The session broke before COMMIT was sent. */
export const brokenBeforeCommit = (cause: unknown): AppError =>
  unavailable('The database session broke before the change was committed. Nothing was done; send it again.', cause);

/** Nobody waits for the answer any more. */
export const callerGone = (): AppError =>
  unavailable('The caller went away before the database was reached. Nothing was done.');

/** COMMIT was sent and nobody knows what became of it (R8). */
export const outcomeUnknown = (cause: unknown): AppError =>
  new AppError({
    code: 'outcome-unknown',
    kind: 'unknown-outcome',
    message:
      'The connection broke while the change was being committed. Repeat it with the same key to learn what happened.',
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
