import { describe, expect, it } from '@jest/globals';
import { hmacSign, hmacVerify, SIGNATURE_TOLERANCE_MS } from './index.js';

const NOW_MS = 1_700_000_000_000;
const body = '{"amountMinor":1000}';
const signature = hmacSign('secret', body, NOW_MS);

describe(hmacVerify.name, () => {
  describe('when body, secret and time are right', () => {
    it('lets it pass, also again', () => {
      expect(() => hmacVerify('secret', Buffer.from(body), signature, NOW_MS + SIGNATURE_TOLERANCE_MS)).not.toThrow();
      expect(() => hmacVerify('secret', body, signature, NOW_MS)).not.toThrow();
    });
  });

  describe('when something is off', () => {
    it.each<[string, () => void, RegExp]>([
      ['another body', () => hmacVerify('secret', `${body} `, signature, NOW_MS), /does not match/],
      ['another secret', () => hmacVerify('other', body, signature, NOW_MS), /does not match/],
      ['another time', () => hmacVerify('secret', body, signature.replace('t=17', 't=16'), NOW_MS), /5 minutes/],
      ['an old one', () => hmacVerify('secret', body, signature, NOW_MS + SIGNATURE_TOLERANCE_MS + 1), /5 minutes/],
      ['none', () => hmacVerify('secret', body, undefined, NOW_MS), /must be t=/],
    ])('refuses %s', (_, verify, reason) => {
      expect(verify).toThrow(reason);
    });
  });
});
