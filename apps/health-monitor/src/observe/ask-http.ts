import { Agent, request } from 'node:http';

/** What came back. */
export type HttpAnswer = { readonly status: number; readonly body: string };

/** Bodies longer than this are cut off: `/metrics` of a front door is the longest. */
const MAX_BODY_BYTES = 1024 * 1024;

/** No kept connections: each question proves that new customers get through as well. */
const agent = new Agent({ keepAlive: false, maxSockets: 200 });

/** A question that got no answer: nobody listens, or nothing came back in time. */
export class NoAnswer extends Error {
  constructor(
    readonly refused: boolean,
    message: string,
  ) {
    super(message);
    this.name = NoAnswer.name;
  }
}

const REFUSALS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

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
    const timer = setTimeout(() => {
      settle(() => reject(new NoAnswer(false, `no answer within ${limitMs} ms`)));
      asked.destroy();
    }, limitMs);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      then();
    };
    asked.on('error', (error) => settle(() => reject(noAnswer(error))));
    asked.end(body);
  });
}

/** What a failed connection tells. */
export function noAnswer(error: Error): NoAnswer {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return new NoAnswer(true, 'connection refused');
  return new NoAnswer(REFUSALS.has(code ?? ''), code === undefined ? error.message : `${code} from the connection`);
}
