import { hash, randomFillSync } from 'node:crypto';

const HEX = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `text` is a UUID in canonical lower-case form. */
export const isUuid = (text: string): boolean => HEX.test(text);

const BYTES = 16;
/** Randomness is fetched for 256 ids at once: a call for each is 4 % of the CPU of a small request. */
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

function randomId(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return Buffer.from(pool.subarray(used - BYTES, used));
}

function format(bytes: Buffer, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * A time-ordered id: 48 bits of milliseconds, 74 random bits.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function uuidv7(nowMs: number = Date.now()): string {
  const bytes = randomId();
  bytes.writeUIntBE(nowMs, 0, 6);
  return format(bytes, 7);
}

/**
 * The one payment an order can ever have (R17): a pure function of the order id. Keeps the id's 48 bits of time, so that
 * payments lie as close together on disk as their orders.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
 */
export function paymentIdOf(orderId: string): string {
  const bytes = hash('sha256', `payment:${orderId}`, 'buffer').subarray(0, 16);
  bytes.write(orderId.slice(0, 8) + orderId.slice(9, 13), 0, 'hex');
  return format(bytes, 8);
}
