/**
 * What an error means for whoever caused it, and whether trying again helps. HTTP statuses are derived from it in one
 * place only, the problem filter of `#libs/service-defaults`.
 *
 * - `invalid`, `unauthenticated`, `forbidden`, `not-found`, `conflict`, `too-large`, `unsupported-media-type`,
 *   `unprocessable`: the request is at fault; the same request fails again.
 * - `in-flight`, `overloaded`, `unavailable`: nothing happened yet; the same request may succeed later.
 * - `unknown-outcome`: nobody knows whether it happened; repeat it with the same idempotency key.
 * - `poison`: an event that would fail on a healthy system too; it goes to the dead letter (R15).
 * - `bug`: ours.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'in-flight'
  | 'too-large'
  | 'unsupported-media-type'
  | 'unprocessable'
  | 'overloaded'
  | 'unavailable'
  | 'unknown-outcome'
  | 'poison'
  | 'bug';

/** Kinds after which the very same attempt may succeed. */
export const RETRYABLE_KINDS: ReadonlySet<ErrorKind> = new Set([
  'in-flight',
  'overloaded',
  'unavailable',
  'unknown-outcome',
]);
