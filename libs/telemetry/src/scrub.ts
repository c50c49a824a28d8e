/** 13 to 19 digits, together or in groups, that are not part of a longer hexadecimal id. */
const CARD_LIKE = /(?<![0-9A-Za-z.-])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z-])/g;
const PAYMENT_TOKEN = /\btok_[a-z0-9_]{1,60}/g;
const JSON_WEB_TOKEN = /\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g;

/** Members that never reach a log line, at the top or one level down. */
export const REDACTED_MEMBERS = ['paymentToken', 'authorization', 'password', 'secret', 'token', 'cookie'] as const;

/** What stands in place of what was removed. */
export const REDACTED = '[redacted]';

/** Removes card numbers, payment tokens and bearer tokens from a log line, wherever in it they are. */
export function scrub(line: string): string {
  let clean = line;
  if (clean.includes('tok_')) clean = clean.replace(PAYMENT_TOKEN, `tok_${REDACTED}`);
  if (clean.includes('eyJ')) clean = clean.replace(JSON_WEB_TOKEN, REDACTED);
  return clean.replace(CARD_LIKE, (digits) => (isCardNumber(digits) ? REDACTED : digits));
}

/** @see https://www.iso.org/standard/70484.html ISO/IEC 7812-1, annex B (Luhn) */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
