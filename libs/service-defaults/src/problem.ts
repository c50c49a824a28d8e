import { HttpException } from '@nestjs/common';
import type { Problem } from '#libs/contracts';
import { AppError, type ErrorCode, type ErrorKind, errorCatalogue, RETRYABLE_KINDS } from '#libs/errors';

/** An error as HTTP says it. */
export type ProblemAnswer = {
  readonly status: number;
  /** Seconds, whole, at least 1. */
  readonly retryAfterSeconds?: number;
  readonly body: Problem;
};

/** The only place where kinds of errors meet HTTP. An event's poison never answers a request: it would be a bug here. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'in-flight': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  unprocessable: 422,
  overloaded: 429,
  unavailable: 503,
  'unknown-outcome': 503,
  poison: 500,
  bug: 500,
};

const DEFAULT_RETRY_AFTER_MS = 1000;
const TYPE_PREFIX = 'urn:twofold:error:';

/** Member names of RFC 9457 and ours, which details must not overwrite. */
const RESERVED = new Set(['type', 'title', 'status', 'detail', 'code', 'correlationId', 'instance']);

const title = (code: string): string => {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Turns anything that was thrown into an answer. Nothing of what is inside a 5xx gets out but its code. */
export function toProblem(error: unknown, correlationId: string): ProblemAnswer {
  const known = error instanceof AppError ? error : (requestFault(error) ?? internalError(error));
  const ours = STATUS_OF_KIND[known.kind] === 500;
  return answer(ours ? internalError(known) : known, correlationId);
}

/** Says what the catalogue says of a fault of ours, and nothing about this one. */
function internalError(cause: unknown): AppError {
  const code: ErrorCode = cause instanceof AppError ? cause.code : 'internal-error';
  const message = `${errorCatalogue[code].meaning} Report the correlation id.`;
  return new AppError({ code, kind: 'bug', message, cause });
}

function answer(error: AppError, correlationId: string): ProblemAnswer {
  const status = STATUS_OF_KIND[error.kind];
  const details = Object.entries(error.details ?? {}).filter(([name]) => !RESERVED.has(name));
  return {
    status,
    ...(RETRYABLE_KINDS.has(error.kind) && { retryAfterSeconds: retryAfterSeconds(error.retryAfterMs) }),
    body: {
      type: `${TYPE_PREFIX}${error.code}`,
      title: title(error.code),
      status,
      detail: error.message,
      code: error.code,
      correlationId,
      ...Object.fromEntries(details),
    },
  };
}

const retryAfterSeconds = (ms = DEFAULT_RETRY_AFTER_MS): number => Math.max(1, Math.ceil(ms / 1000));

/** What Nest, Fastify and Node say of a request they refuse, in our words. Undefined when it is not the request's fault. */
function requestFault(error: unknown): AppError | undefined {
  const { status, code, message } = facts(error);
  if (status === undefined || status < 400 || (status >= 500 && status !== 503)) return undefined;
  const make = (kind: ErrorKind, ours: ErrorCode, text: string): AppError =>
    new AppError({ code: ours, kind, message: text, cause: error });
  switch (status) {
    case 401:
      return make('unauthenticated', 'unauthenticated', message);
    case 403:
      return make('forbidden', 'forbidden', message);
    case 404:
      return make('not-found', 'route-not-found', `${message.replace(/\.?$/, '')}. See /docs for the calls there are.`);
    case 413:
      return make('too-large', 'body-too-large', 'The body is larger than 65,536 bytes. Send a smaller one.');
    case 415:
      return make('unsupported-media-type', 'unsupported-media-type', MEDIA_TYPE_CURE);
    case 429:
      return make('overloaded', 'overloaded', message);
    case 503:
      return make('unavailable', 'unavailable', 'The service cannot answer just now. Send the request again.');
    default:
      return make('invalid', 'malformed-request', malformed(code, message));
  }
}

const MEDIA_TYPE_CURE = 'The body must be JSON: send the header Content-Type: application/json.';

type Facts = { readonly status: number | undefined; readonly code: string; readonly message: string };

function facts(error: unknown): Facts {
  if (!(error instanceof Error)) return { status: undefined, code: '', message: '' };
  const cause = error.cause as { code?: string } | undefined;
  const own = error as { statusCode?: number; code?: string };
  const status = error instanceof HttpException ? error.getStatus() : own.statusCode;
  return { status, code: own.code ?? cause?.code ?? '', message: error.message };
}

const MALFORMED: Readonly<Record<string, string>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty, but the header says it is JSON. Send a JSON object.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not well-formed JSON. Send a JSON object.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is shorter or longer than its Content-Length. Send the right length.',
  FST_ERR_BAD_URL: 'The path has bad percent encoding. Encode it as UTF-8.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long. Send at most 128 characters.',
};

function malformed(code: string, message: string): string {
  return MALFORMED[code] ?? `The request cannot be read: ${message.replace(/\.?$/, '.')}`;
}
