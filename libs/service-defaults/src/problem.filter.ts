import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_CONTENT_TYPE } from '#libs/contracts';
import { counter, logger } from '#libs/telemetry';
import { type ProblemAnswer, toProblem } from './problem.js';

const log = logger('http');
const errors = counter('http_errors_total', 'Error answers by code.', ['code', 'status']);

/** Answers every error as a problem document, the framework's own included. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

/** Sends `error` as an answer, counts it, and logs it when it is ours. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = toProblem(error, request.id);
  report(error, request, answer);
  if (reply.sent || reply.raw.headersSent) return;
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', answer.retryAfterSeconds);
  if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
  reply
    .code(answer.status)
    .header('x-correlation-id', request.id)
    .type(PROBLEM_CONTENT_TYPE)
    .serializer(asIs)
    .send(JSON.stringify(answer.body));
}

const asIs = (body: unknown): string => body as string;

function report(error: unknown, request: FastifyRequest, { status, body }: ProblemAnswer): void {
  errors.inc({ code: body.code, status });
  if (status === 500) {
    log.error(
      { err: error, correlationId: request.id, method: request.method, route: routeOf(request) },
      'request failed',
    );
  } else if (log.isLevelEnabled('debug')) {
    log.debug(
      { code: body.code, detail: body.detail, correlationId: request.id, route: routeOf(request) },
      'request refused',
    );
  }
}

/** The route's pattern, never the path a client chose: it labels metrics. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions?.url ?? 'none';
