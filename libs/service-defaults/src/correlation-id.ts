import type { IncomingHttpHeaders } from 'node:http';
import { uuidv7 } from '#libs/contracts';

/** Header by which a request is followed, in and out. */
export const CORRELATION_HEADER = 'x-correlation-id';

/** What may be echoed and logged: nothing that could break a header or a log line. */
const SAFE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's correlation id when it is harmless, else a new one. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const sent = headers[CORRELATION_HEADER];
  return typeof sent === 'string' && SAFE.test(sent) ? sent : uuidv7();
}
