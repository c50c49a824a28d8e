import { z } from 'zod';

/** ISO 4217 code. @default 'KRW' */
export const currency = z.string().regex(/^[A-Z]{3}$/);
/** An amount in the currency's minor unit (KRW has none: 1 is one won), 0 to 2^53 - 1. */
export const amountMinor = z.int().min(0);

/** The currency of the catalogue. */
export const DEFAULT_CURRENCY = 'KRW';

/** `12345, 'KRW'` → `₩12,345`, for people only. */
export function formatMoney(minor: number, code: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}
