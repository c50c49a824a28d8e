import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { paymentIdOf } from '#libs/contracts';
import { eventually } from '../../../test/support/eventually.js';
import { Payments, type TestOrder } from '../test/open-payments.js';
import { RefundPayment } from './refund-payment.js';

jest.setTimeout(90_000);
let payments: Payments;

beforeAll(async () => {
  payments = await Payments.open({
    PROVIDER_CALLS_TIME_LIMIT_MS: '500',
    PROVIDER_CALLS_MINIMUM_CALLS: '10000',
    PAYMENT_GAP_PATIENCE_MS: '300',
  });
}, 60_000);
afterAll(() => payments[Symbol.asyncDispose]());

const becomes = (order: TestOrder, status: string, timeoutMs = 30_000) =>
  eventually(async () => expect((await payments.row(order)).status).toBe(status), { timeoutMs, intervalMs: 100 });
const typesOf = async (order: TestOrder) => (await payments.told(order)).map(({ type }) => type);
const PAID_BACK = ['psp-acme charge succeeded', 'psp-acme refund succeeded'];

describe(RefundPayment.name, () => {
  describe('when the order is cancelled after it was charged', () => {
    it('pays back once and tells so', async () => {
      const order = await payments.place('tok_ok');
      await becomes(order, 'SUCCEEDED');
      await payments.cancel(order);
      await becomes(order, 'REFUNDED');
      expect(payments.moved(order)).toEqual(PAID_BACK);
      expect(await payments.told(order)).toMatchObject([
        { type: 'payment.processing', seq: 1 },
        { type: 'payment.succeeded', seq: 2 },
        { type: 'payment.refunded', seq: 3 },
      ]);
    });

    it('pays back although the answers to the refund are lost', async () => {
      const order = await payments.place('tok_ok');
      await becomes(order, 'SUCCEEDED');
      payments.acme.fail('no-webhooks');
      payments.acme.fail('lost-answers');
      await payments.cancel(order);
      await becomes(order, 'REFUNDING');
      await eventually(async () => expect((await payments.row(order)).attempts).toBeGreaterThan(2), {
        timeoutMs: 30_000,
      });
      payments.acme.heal('lost-answers');
      payments.acme.heal('no-webhooks');
      await becomes(order, 'REFUNDED');
      expect(payments.moved(order)).toEqual(PAID_BACK);
    });
  });

  describe('when the order is cancelled while the provider hangs', () => {
    it('voids the key, or pays back what was charged', async () => {
      payments.acme.fail('no-webhooks');
      payments.acme.fail('hang', { delayMs: 1500 });
      const order = await payments.place('tok_ok');
      await becomes(order, 'PROCESSING');
      await payments.cancel(order);
      await eventually(async () => expect((await payments.row(order)).unwanted).toBe(true), { timeoutMs: 30_000 });
      payments.acme.heal('hang');
      payments.acme.heal('no-webhooks');
      await eventually(async () => expect((await payments.row(order)).status).toMatch(/^(FAILED|REFUNDED)$/), {
        timeoutMs: 30_000,
      });
      const { status } = await payments.row(order);
      expect(payments.moved(order)).toEqual(status === 'FAILED' ? [] : PAID_BACK);
    });

    it('voids a key that can never have charged, and charges nowhere else', async () => {
      payments.acme.fail('errors');
      const order = await payments.place('tok_ok');
      await becomes(order, 'UNKNOWN');
      await payments.cancel(order);
      await eventually(async () => expect((await payments.row(order)).unwanted).toBe(true), {
        timeoutMs: 30_000,
        intervalMs: 100,
      });
      payments.acme.heal('errors');
      await becomes(order, 'FAILED');
      expect(payments.moved(order)).toEqual([]);
      expect(await typesOf(order)).toEqual(['payment.processing', 'payment.failed']);
    });
  });

  describe('when the cancellation comes before the order', () => {
    it('leaves a tombstone, and the order never starts', async () => {
      const order = payments.order('tok_ok');
      await payments.cancel(order, 2);
      await becomes(order, 'FAILED');
      await payments.send('order.placed', order, 1);
      const marker = await payments.place('tok_ok');
      await becomes(marker, 'SUCCEEDED');
      expect(await payments.row(order)).toMatchObject({ status: 'FAILED', unwanted: true, attempts: 0 });
      expect(await typesOf(order)).toEqual(['payment.failed']);
      expect(payments.moved(order)).toEqual([]);
    });
  });

  describe('when the order was cancelled in the same moment as it was placed', () => {
    it('ends with nothing charged, or all paid back, for each of 20 orders', async () => {
      const orders = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const order = await payments.place('tok_ok');
          await payments.cancel(order);
          return order;
        }),
      );
      for (const order of orders) {
        await eventually(async () => expect((await payments.row(order)).status).toMatch(/^(FAILED|REFUNDED)$/), {
          timeoutMs: 30_000,
        });
        expect(payments.moved(order)).toEqual((await payments.row(order)).status === 'FAILED' ? [] : PAID_BACK);
        const seqs = (await payments.told(order)).map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      }
    });
  });

  describe('when an order names a payment that is not its own', () => {
    it('is refused for good, and nothing is charged', async () => {
      const order = { ...payments.order('tok_ok'), paymentId: paymentIdOf(payments.order('tok_ok').orderId) };
      await payments.send('order.placed', order, 1);
      await eventually(
        async () => {
          const dead = await payments.database.query(
            `SELECT 1 FROM bus.log WHERE topic = 'order-events.dead-letter' AND key = $1`,
            [order.orderId],
          );
          expect(dead).toHaveLength(1);
        },
        { timeoutMs: 30_000, intervalMs: 100 },
      );
      expect(payments.moved(order)).toEqual([]);
    });
  });
});
