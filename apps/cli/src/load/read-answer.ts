import type { JournalOp } from '../check/journal-line.js';
import type { HttpAnswer } from './http-door.js';

/** What the client understands of an answer; `status` 0 is none. */
export type Understood = {
  status: number;
  code?: string | undefined;
  retryAfterMs?: number | undefined;
  orderId?: string | undefined;
  orderStatus?: string | undefined;
  isReplay?: boolean | undefined;
  body?: Buffer | undefined;
};

// Cheaper than parsing a whole order, of which only these three fields count.
const ORDER_ID = /"orderId":"([0-9a-f-]{36})"/;
const ORDER_STATUS = /"status":"([A-Z_]+)"/;
const PROBLEM_CODE = /"code":"([a-z0-9-]+)"/;

/** Reads status, problem code or order fields out of an answer, without trusting its shape. */
export function readAnswer(op: JournalOp, answer: HttpAnswer | undefined): Understood {
  if (!answer) return { status: 0 };
  const { status, headers, body } = answer;
  if (status >= 400) {
    const retryAfter = Number(headers['retry-after']);
    const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter * 1_000 : undefined;
    return { status, code: PROBLEM_CODE.exec(body.toString('utf8'))?.[1], retryAfterMs };
  }
  if (op === 'browse') return { status, body };
  const text = body.toString('utf8');
  const isReplay = headers['idempotent-replayed'] === 'true' ? true : undefined;
  return { status, body, isReplay, orderId: ORDER_ID.exec(text)?.[1], orderStatus: ORDER_STATUS.exec(text)?.[1] };
}
