import type { ErrorCode } from './catalogue.js';
import { type ErrorKind, RETRYABLE_KINDS } from './kind.js';

/** What an {@link AppError} is made of. */
export type AppErrorInit = {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** What happened, with which value, and what to do next; ends with a full stop. Reaches clients: no secrets. */
  readonly message: string;
  /** Members added to the problem document; never secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** When trying again may help, in ms. @default 1000 for retryable kinds, when answered over HTTP */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
};

/** The one error that the parts of Twofold throw on purpose. Its `kind` decides what callers do about it. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(init: AppErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = AppError.name;
    this.code = init.code;
    this.kind = init.kind;
    this.details = init.details;
    this.retryAfterMs = init.retryAfterMs;
  }
}

/** Whether `error` says that the very same attempt may succeed later. Unknown errors are not retryable. */
export function isRetryable(error: unknown): boolean {
  return error instanceof AppError && RETRYABLE_KINDS.has(error.kind);
}
