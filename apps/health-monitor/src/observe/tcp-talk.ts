import { connect } from 'node:net';
import { CONNECT_LIMIT_MS, late, NoAnswer, noAnswer, unreachable } from './ask-http.js';

/** What to say, and when the answer is complete. */
export type Talk = {
  readonly say: Buffer | string;
  readonly isComplete: (answer: Buffer) => boolean;
  readonly limitMs: number;
};

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Says something on a new connection and listens until the answer is complete.
 * @throws NoAnswer
 */
export function talk({ hostname, port }: URL, { say, isComplete, limitMs }: Talk): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer: Buffer = Buffer.alloc(0);
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
      clearTimeout(connecting);
      socket.write(say);
    });
    const timer = setTimeout(() => settle(() => reject(late(limitMs))), limitMs);
    const connecting = setTimeout(() => settle(() => reject(unreachable())), CONNECT_LIMIT_MS);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      clearTimeout(connecting);
      socket.destroy();
      then();
    };
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (isComplete(answer) || answer.length > MAX_ANSWER_BYTES) settle(() => resolve(answer));
    });
    socket.on('error', (error) => settle(() => reject(noAnswer(error))));
    socket.on('close', () =>
      settle(() => reject(new NoAnswer('silent', 'the connection was closed without an answer'))),
    );
  });
}
