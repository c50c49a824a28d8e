import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ConfigOf } from '#libs/config';
import { MAX_BODY_BYTES } from '#libs/contracts';
import { answerClientError } from './client-error.js';
import { correlationIdOf } from './correlation-id.js';
import { addHttpHooks } from './http-hooks.js';
import { sendProblem } from './problem.filter.js';
import type { httpConfig } from './service.config.js';
import type { Shutdown } from './shutdown.js';

/** Longest part of a path, in characters. */
const MAX_PATH_PART = 128;

/** A request whose body is kept as it came, for signatures over bytes. */
export type RawBodyRequest = FastifyRequest & { rawBody?: Buffer };

/** Fastify with our limits, error answers and hooks. `rawBody` keeps the bytes of each body on the request. */
export function httpAdapter(http: ConfigOf<typeof httpConfig>, shutdown: Shutdown, rawBody: boolean): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    keepAliveTimeout: http.keepAliveTimeoutMs,
    requestTimeout: http.requestTimeoutMs,
    trustProxy: http.trustProxy,
    routerOptions: { maxParamLength: MAX_PATH_PART },
    genReqId: (request: IncomingMessage) => correlationIdOf(request.headers),
    clientErrorHandler: answerClientError,
    // Faults of the address are found before there is a route, so that no hook and no filter sees them.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => sendProblem(error, request, reply),
    // Nobody here uses middleware, which would cost every request a hook.
    skipMiddie: true,
  });
  const instance = adapter.getInstance<FastifyInstance>();
  acceptJsonOnly(instance, rawBody);
  addHttpHooks(instance, shutdown);
  return adapter;
}

function acceptJsonOnly(instance: FastifyInstance, rawBody: boolean): void {
  instance.removeAllContentTypeParsers();
  const parse = instance.getDefaultJsonParser('error', 'error');
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (rawBody) (request as RawBodyRequest).rawBody = body;
    void parse(request, body.toString('utf8'), done);
  });
}
