import { hash, randomFillSync } from 'node:crypto';

const HEX = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `text` is a UUID in canonical lower-case form. */
export const isUuid = (text: string): boolean => HEX.test(text);

const BYTES = 16;
const TIME_DIGITS = 12;
/** The two highest bits of the ninth byte are 10; the two below them are the id's own. */
const VARIANT = ['8', '9', 'a', 'b'];
/** Randomness is fetched for 256 ids at once: a call for each is 4 % of the CPU of a small request. */
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.toString('hex', used - BYTES, used);
}

/** Id of 12 digits of time and the last 20 of 32 other hex digits; text all the way, for a buffer per id costs more. */
function format(time: string, hex: string, version: number): string {
  const variant = VARIANT[Number.parseInt(hex.charAt(16), 16) & 3] ?? '';
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/**
 * A time-ordered id: 48 bits of milliseconds, 74 random bits.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function uuidv7(nowMs: number = Date.now()): string {
  return format(nowMs.toString(16).padStart(TIME_DIGITS, '0'), randomHex(), 7);
}

/**
 * The one payment an order can ever have (R17): a pure function of the order id. Keeps the id's 48 bits of time, so that
 * payments lie as close together on disk as their orders.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
 */
export function paymentIdOf(orderId: string): string {
  return format(timeDigitsOf(orderId), hash('sha256', `payment:${orderId}`, 'hex').slice(0, 32), 8);
}

/** When an id of {@link uuidv7} or {@link paymentIdOf} was made, in ms since 1970, by the clock of its maker. */
export function madeAtMs(id: string): number {
  return Number.parseInt(timeDigitsOf(id), 16);
}

const timeDigitsOf = (id: string): string => id.slice(0, 8) + id.slice(9, 13);
