import { Agent, request } from 'node:http';

/** What came back. */
export type HttpAnswer = { readonly status: number; readonly body: string };

/** Bodies longer than this are cut off: `/metrics` of a front door is the longest. */
const MAX_BODY_BYTES = 1024 * 1024;

/** No kept connections: each question proves that new customers get through as well. */
const agent = new Agent({ keepAlive: false, maxSockets: 200 });

/** Kernels accept connections at once, even for a frozen process: no connection in this time, and the machine is not there. */
export const CONNECT_LIMIT_MS = 500;

/** Why a question got no answer: nobody listens, no connection came about, or nothing came back in time. */
export type WhyNoAnswer = 'refused' | 'unreachable' | 'silent';

/** A question that got no answer. */
export class NoAnswer extends Error {
  constructor(
    readonly why: WhyNoAnswer,
    message: string,
  ) {
    super(message);
    this.name = NoAnswer.name;
  }
}

const REFUSALS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
/** The name of a container that has ended is known no more. */
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

/**
 * Asks with one limit on everything: name, connection, answer.
 * @throws NoAnswer
 */
export function askHttp(url: URL, limitMs: number, options: { body?: string; headers?: Record<string, string> } = {}) {
  const { body, headers = {} } = options;
  return new Promise<HttpAnswer>((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request(url, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_BODY_BYTES)
          response.destroy(new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`));
      });
      response.on('end', () => settle(() => resolve({ status: response.statusCode ?? 0, body: text })));
      response.on('error', (error) => settle(() => reject(noAnswer(error))));
    });
    const giveUp = (error: NoAnswer): void => {
      settle(() => reject(error));
      asked.destroy();
    };
    const timer = setTimeout(() => giveUp(late(limitMs)), limitMs);
    const connecting = setTimeout(() => giveUp(unreachable()), CONNECT_LIMIT_MS);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      clearTimeout(connecting);
      then();
    };
    asked.on('socket', (socket) => socket.on('connect', () => clearTimeout(connecting)));
    asked.on('error', (error) => settle(() => reject(noAnswer(error))));
    asked.end(body);
  });
}

/** No answer in time. */
export const late = (limitMs: number): NoAnswer => new NoAnswer('silent', `no answer within ${limitMs} ms`);

/** No connection in time. */
export const unreachable = (): NoAnswer => new NoAnswer('unreachable', `no connection within ${CONNECT_LIMIT_MS} ms`);

/** What a failed connection tells. */
export function noAnswer(error: Error): NoAnswer {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return new NoAnswer('refused', 'connection refused');
  const detail = code === undefined ? error.message : `${code} from the connection`;
  if (UNREACHABLE.has(code ?? '')) return new NoAnswer('unreachable', detail);
  return new NoAnswer(REFUSALS.has(code ?? '') ? 'refused' : 'silent', detail);
}
