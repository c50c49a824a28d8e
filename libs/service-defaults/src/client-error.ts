import type { Socket } from 'node:net';
import { PROBLEM_CONTENT_TYPE, uuidv7 } from '#libs/contracts';
import { CORRELATION_HEADER } from './correlation-id.js';

type Fault = { readonly status: number; readonly reason: string; readonly code: string; readonly detail: string };

const MALFORMED: Fault = {
  status: 400,
  reason: 'Bad Request',
  code: 'malformed-request',
  detail: 'The request is not well-formed HTTP: a header has a character that is not allowed, or a line is broken.',
};

const FAULTS: Readonly<Record<string, Fault>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'malformed-request',
    detail: 'The headers are larger than 16 kB. Send fewer or shorter ones.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'request-timeout',
    detail: 'The request did not arrive in time. Send it again, without pauses.',
  },
};

/** Answers what Node's parser refuses before there is a request: as a problem too, then closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason, code, detail } = FAULTS[error.code ?? ''] ?? MALFORMED;
  const correlationId = uuidv7();
  const body = JSON.stringify({
    type: `urn:twofold:error:${code}`,
    title: reason,
    status,
    detail,
    code,
    correlationId,
  });
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      `content-type: ${PROBLEM_CONTENT_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      `${CORRELATION_HEADER}: ${correlationId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
