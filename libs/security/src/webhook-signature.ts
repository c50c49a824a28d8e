import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '#libs/errors';

/** A signature older, or further in the future, than this is refused. */
export const SIGNATURE_TOLERANCE_MS = 300_000;

const FORMAT = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

const mac = (secret: string, seconds: string, body: string | Buffer): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();

/** Signature of a webhook body: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. */
export function hmacSign(secret: string, body: string | Buffer, nowMs: number = Date.now()): string {
  const seconds = String(Math.floor(nowMs / 1000));
  return `t=${seconds},v1=${mac(secret, seconds, body).toString('hex')}`;
}

/**
 * Checks a webhook's signature over the bytes of its body, in constant time. Replays within the time limit pass: their
 * effect must be idempotent.
 * @throws AppError `unauthenticated`
 */
export function hmacVerify(
  secret: string,
  body: string | Buffer,
  signature: string | undefined,
  nowMs: number = Date.now(),
): void {
  const [, seconds, sent] = FORMAT.exec(signature ?? '') ?? [];
  if (seconds === undefined || sent === undefined)
    throw refused('The signature must be t=<unix seconds>,v1=<64 hex digits>.');
  if (Math.abs(nowMs - Number(seconds) * 1000) > SIGNATURE_TOLERANCE_MS) {
    throw refused('The signature is more than 5 minutes off. Check the clock and sign again.');
  }
  if (!timingSafeEqual(mac(secret, seconds, body), Buffer.from(sent, 'hex'))) {
    throw refused('The signature does not match the body. Sign the bytes that are sent, with the shared secret.');
  }
}

const refused = (message: string): AppError =>
  new AppError({ code: 'unauthenticated', kind: 'unauthenticated', message });
