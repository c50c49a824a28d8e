import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#libs/errors';
import { histogram, logger, RequestContext } from '#libs/telemetry';
import { CORRELATION_HEADER } from './correlation-id.js';
import { routeOf, sendProblem } from './problem.filter.js';
import type { Shutdown } from './shutdown.js';

const log = logger('http');
const durations = histogram(
  'http_request_duration_seconds',
  'Time from the request line to the last byte of the answer.',
  ['method', 'route', 'status'],
);

/** Encoded NUL: no identifier has one, and Postgres refuses it in text. */
const ENCODED_NUL = '%00';

type Done = () => void;

/** What happens to every request, as Fastify hooks: an interceptor would cost an observable per request. */
export function addHttpHooks(instance: FastifyInstance, shutdown: Shutdown): void {
  instance.addHook('onRequest', (request, reply, done) => {
    reply.header(CORRELATION_HEADER, request.id);
    if (shutdown.draining) reply.header('connection', 'close');
    const refusal = refusalOf(request, shutdown);
    if (refusal) return sendProblem(refusal, request, reply);
    done();
  });
  // After the body has arrived: its events belong to the socket's context, not to the request's.
  instance.addHook('preHandler', (request: FastifyRequest, _reply: FastifyReply, done: Done) => {
    const { traceparent } = request.headers;
    const parent = typeof traceparent === 'string' ? traceparent : undefined;
    RequestContext.run({ correlationId: request.id, traceparent: parent }, done);
  });
  instance.addHook('onResponse', (request, reply, done) => {
    observe(request, reply);
    done();
  });
}

function refusalOf(request: FastifyRequest, shutdown: Shutdown): AppError | undefined {
  if (shutdown.closing) {
    return new AppError({
      code: 'shutting-down',
      kind: 'unavailable',
      message: 'This instance is stopping. Send the request again: another one answers.',
    });
  }
  if (!request.url.includes(ENCODED_NUL)) return undefined;
  return new AppError({
    code: 'malformed-request',
    kind: 'invalid',
    message: 'The address contains a NUL byte (%00). Remove it.',
  });
}

function observe(request: FastifyRequest, reply: FastifyReply): void {
  const labels = { method: request.method, route: routeOf(request), status: reply.statusCode };
  durations.observe(labels, reply.elapsedTime / 1000);
  if (!log.isLevelEnabled('debug')) return;
  log.debug({ ...labels, correlationId: request.id, durationMs: Math.round(reply.elapsedTime) }, 'request answered');
}
