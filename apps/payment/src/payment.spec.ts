import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PaymentStatus } from '#libs/contracts';
import { answersTo, learn, moves, type News, type Payment, type PaymentEventType } from './payment.js';

const A = 'psp-acme';
const B = 'psp-borealis';
const provider = fc.constantFrom(A, B);
const providerNews = fc
  .tuple(
    fc.constantFrom('charged', 'declined', 'voided', 'unreachable', 'unanswered', 'refunded', 'refund-refused'),
    provider,
  )
  .map(([kind, provider]) => ({ kind, provider }));
const anyNews: fc.Arbitrary<News> = fc.oneof(
  { weight: 6, arbitrary: providerNews },
  { weight: 1, arbitrary: fc.constant<News>({ kind: 'given-up' }) },
  { weight: 1, arbitrary: fc.constant<News>({ kind: 'order-cancelled' }) },
);
const requested: Payment = { status: 'REQUESTED', provider: undefined, unwanted: false };
const at = (status: Payment['status'], more: Partial<Payment> = {}): Payment => ({
  status,
  provider: A,
  unwanted: false,
  ...more,
});
const isLegal = (from: PaymentStatus, to: PaymentStatus): boolean =>
  (moves[from] as readonly PaymentStatus[]).includes(to);
const after = (payment: Payment, ...news: News[]): Payment =>
  news.reduce((now, one) => {
    const verdict = learn(now, one);
    return verdict.kind === 'changed' ? verdict.payment : now;
  }, payment);

describe('payment', () => {
  describe('when any news comes in any order, doubled and late', () => {
    it('moves along the table only, tells each move once, and leaves a provider only by proof', () => {
      fc.assert(
        fc.property(fc.array(anyNews, { maxLength: 25 }), provider, (news, first) => {
          let payment = after(requested, { kind: 'started', provider: first });
          const told: PaymentEventType[] = [];
          for (const one of news) {
            const verdict = learn(payment, one);
            if (verdict.kind !== 'changed') continue;
            const next = verdict.payment;
            assert(next.status === payment.status || isLegal(payment.status, next.status));
            if (payment.provider !== undefined && next.provider === undefined)
              assert(one.kind === 'voided' || one.kind === 'unreachable');
            if (verdict.event) told.push(verdict.event);
            // The same again is nothing new: nothing happens twice.
            const again = learn(next, one);
            if (again.kind === 'changed') assert.deepEqual([again.payment, again.event], [next, undefined]);
            payment = next;
          }
          assert.equal(new Set(told).size, told.length);
        }),
        { numRuns: 10_000 },
      );
    });
  });

  describe('when its order is cancelled and it was charged, in whatever order the two are heard of', () => {
    it('pays back', () => {
      const news: News[] = [{ kind: 'charged', provider: A }, { kind: 'order-cancelled' }];
      const started = after(requested, { kind: 'started', provider: A });
      for (const order of [news, [...news].reverse()])
        expect(after(started, ...order)).toEqual({ status: 'REFUNDING', provider: A, unwanted: true });
      expect(after(started, ...news, { kind: 'refunded', provider: A }).status).toBe('REFUNDED');
    });
  });

  describe('when its order is cancelled before anybody was asked', () => {
    it('ends without ever starting', () => {
      const ended = after(requested, { kind: 'order-cancelled' });
      expect(ended.status).toBe('FAILED');
      expect(after(ended, { kind: 'started', provider: A })).toEqual(ended);
    });
  });

  describe('when it was given up and a success is heard of after all', () => {
    it('pays back at the provider that charged', () => {
      expect(after(at('FAILED', { provider: undefined }), { kind: 'charged', provider: B })).toMatchObject({
        status: 'REFUNDING',
        provider: B,
      });
    });
  });

  describe('when a provider says nothing', () => {
    it('neither leaves it nor gives up', () => {
      const unknown = after(at('PROCESSING'), { kind: 'unanswered', provider: A }, { kind: 'given-up' });
      expect(unknown).toEqual(at('UNKNOWN'));
      expect(() => learn(unknown, { kind: 'started', provider: B })).toThrow('cannot become');
    });
  });

  describe('when money moved at a provider where the payment is not', () => {
    it('calls for a person', () => {
      expect(learn(at('PROCESSING'), { kind: 'charged', provider: B }).kind).toBe('stray');
    });
  });

  describe('when its order asks again how it ended', () => {
    it.each([
      ['PROCESSING', []],
      ['SUCCEEDED', ['payment.succeeded']],
      ['DECLINED', ['payment.declined']],
      ['FAILED', ['payment.failed']],
      ['REFUNDED', ['payment.failed', 'payment.refunded']],
    ] as const)('%s answers %j', (status, events) => {
      expect(answersTo(status)).toEqual(events);
    });
  });
});
