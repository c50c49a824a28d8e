import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { paymentIdOf, uuidv7 } from '#libs/contracts';
import { Ledger } from './ledger.js';
import { openLedgerFile } from './ledger-schema.js';

const NO_WEBHOOKS = { count: 0, delayMs: 0 };
const REFERENCE = paymentIdOf(uuidv7(1));
const body = (paymentToken: string) => ({ reference: REFERENCE, amountMinor: 1_000, currency: 'KRW', paymentToken });
const money = { reference: REFERENCE, amountMinor: 1_000, currency: 'KRW' };

type Step = { act: 'charge' | 'void' | 'refund' | 'restart'; key: string; token: string };

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom('charge', 'charge', 'charge', 'void', 'refund', 'restart'),
  key: fc.constantFrom('a', 'b', 'c'),
  token: fc.constantFrom('tok_ok', 'tok_declined', 'tok_5xx_twice', 'tok_lost_answer', 'tok_duplicate_webhook'),
});

async function perform(ledger: Ledger, { act, key, token }: Step): Promise<string> {
  try {
    if (act === 'void') return (await ledger.void(key, money)).outcome;
    const done =
      act === 'charge'
        ? await ledger.charge(key, body(token), NO_WEBHOOKS)
        : await ledger.refund(`${key}:refund`, money, NO_WEBHOOKS);
    return done.kind === 'settled' ? done.result.outcome : 'retry-later';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe(Ledger.name, () => {
  describe('when keys are charged, voided, refunded and the process restarts, in any order', () => {
    it('decides each key once, pays back at most what it took, and numbers the ledger without gaps', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const file = openLedgerFile(':memory:');
          let ledger = new Ledger(file);
          const decided = new Map<string, string>();
          for (const each of steps) {
            if (each.act === 'restart') {
              ledger = new Ledger(file);
              continue;
            }
            const outcome = await perform(ledger, each);
            const key = each.act === 'refund' ? `${each.key}:refund` : each.key;
            if (!['succeeded', 'declined', 'voided'].includes(outcome)) continue;
            expect(outcome).toBe(decided.get(key) ?? outcome);
            decided.set(key, outcome);
          }
          const lines = ledger.page(0, 1_000);
          expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1));
          expect(new Set(lines.map((line) => line.idempotencyKey)).size).toBe(lines.length);
          const left = lines
            .filter((line) => line.outcome === 'succeeded')
            .reduce((sum, line) => sum + (line.kind === 'charge' ? line.amountMinor : -line.amountMinor), 0);
          expect(left).toBeGreaterThanOrEqual(0);
          file.close();
        }),
        { numRuns: 200 },
      );
    });
  });

  describe('when a token fails twice', () => {
    it('counts the failures across a restart and then works', async () => {
      const file = openLedgerFile(':memory:');
      const charge = () => new Ledger(file).charge('k', body('tok_5xx_twice'), NO_WEBHOOKS);
      expect([(await charge()).kind, (await charge()).kind, (await charge()).kind]).toEqual([
        'retry-later',
        'retry-later',
        'settled',
      ]);
    });
  });

  describe('when a special answer was given', () => {
    it('answers a repeat at once and plainly', async () => {
      const ledger = new Ledger(openLedgerFile(':memory:'));
      const first = await ledger.charge('k', body('tok_timeout'), NO_WEBHOOKS);
      const again = await ledger.charge('k', body('tok_timeout'), NO_WEBHOOKS);
      expect(first).toMatchObject({ delivery: { kind: 'answer-after' } });
      expect(again).toEqual({ ...first, delivery: { kind: 'answer' } });
    });
  });

  describe('when one of many callers in a commit is refused', () => {
    it('refuses that one alone', async () => {
      const ledger = new Ledger(openLedgerFile(':memory:'));
      const [first, other, second] = await Promise.allSettled([
        ledger.charge('a', body('tok_ok'), NO_WEBHOOKS),
        ledger.charge('a', body('tok_declined'), NO_WEBHOOKS),
        ledger.charge('b', body('tok_ok'), NO_WEBHOOKS),
      ]);
      expect([first?.status, other?.status, second?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });
  });
});
