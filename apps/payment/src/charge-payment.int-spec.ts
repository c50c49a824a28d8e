import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { Payments, type TestOrder } from '../test/open-payments.js';
import { ChargePayment } from './charge-payment.js';

jest.setTimeout(90_000);
let payments: Payments;

beforeAll(async () => {
  payments = await Payments.open({
    PROVIDER_CALLS_TIME_LIMIT_MS: '500',
    PROVIDER_CALLS_MINIMUM_CALLS: '10000',
    PAYMENT_GIVE_UP_AFTER_MS: '1000',
  });
}, 60_000);
afterAll(() => payments[Symbol.asyncDispose]());

const becomes = (order: TestOrder, status: string, timeoutMs = 30_000) =>
  eventually(async () => expect((await payments.row(order)).status).toBe(status), { timeoutMs, intervalMs: 100 });
const typesOf = async (order: TestOrder) => (await payments.told(order)).map(({ type }) => type);

describe(ChargePayment.name, () => {
  describe('when the provider answers sooner or later', () => {
    it.each(['tok_ok', 'tok_5xx_twice', 'tok_timeout', 'tok_lost_answer', 'tok_duplicate_webhook'])(
      '%s is charged exactly once, told in order, and its token forgotten',
      async (token) => {
        const order = await payments.place(token);
        await becomes(order, 'SUCCEEDED');
        expect(payments.moved(order)).toEqual(['psp-acme charge succeeded']);
        expect(await payments.told(order)).toMatchObject([
          { type: 'payment.processing', seq: 1 },
          { type: 'payment.succeeded', seq: 2, payload: { provider: 'psp-acme', amountMinor: 24_000 } },
        ]);
        expect(await payments.row(order)).toMatchObject({ payment_token: null, provider: 'psp-acme' });
      },
    );

    it.each(['tok_declined', 'tok_insufficient_funds'])('%s is declined at once, with its reason', async (token) => {
      const order = await payments.place(token);
      await becomes(order, 'DECLINED');
      expect((await payments.told(order))[1]).toMatchObject({
        type: 'payment.declined',
        payload: { declineCode: expect.any(String) },
      });
    });
  });

  describe('when the preferred provider refuses connections', () => {
    it('charges at the other one', async () => {
      payments.acme.fail('down', { expiresInMs: 4000 });
      await eventually(() => expect(fetch(payments.acme.url)).rejects.toThrow());
      const order = await payments.place('tok_ok');
      await becomes(order, 'SUCCEEDED');
      expect(payments.moved(order)).toEqual(['psp-borealis charge succeeded']);
      expect(await typesOf(order)).toEqual(['payment.processing', 'payment.succeeded']);
      await eventually(() => fetch(payments.acme.url), { timeoutMs: 30_000, intervalMs: 100 });
    });
  });

  describe('when both providers refuse connections for too long', () => {
    it('gives up, with proof, and nothing was charged', async () => {
      payments.acme.fail('down', { expiresInMs: 8000 });
      payments.borealis.fail('down', { expiresInMs: 8000 });
      await eventually(() => expect(fetch(payments.borealis.url)).rejects.toThrow());
      const order = await payments.place('tok_ok');
      await becomes(order, 'FAILED');
      expect(payments.moved(order)).toEqual([]);
      expect((await payments.told(order)).at(-1)).toMatchObject({
        type: 'payment.failed',
        payload: { reason: 'SYSTEM_ERROR' },
      });
      await eventually(() => fetch(payments.acme.url), { timeoutMs: 30_000, intervalMs: 100 });
      await eventually(() => fetch(payments.borealis.url), { timeoutMs: 30_000, intervalMs: 100 });
    });
  });

  describe('when the provider hangs or drops every answer', () => {
    it.each(['hang', 'lost-answers', 'errors'] as const)(
      'stays with it through %s and is charged once',
      async (fault) => {
        payments.acme.fail('no-webhooks');
        payments.acme.fail(fault, { delayMs: 2000 });
        const order = await payments.place('tok_ok');
        await becomes(order, 'UNKNOWN');
        expect(await payments.row(order)).toMatchObject({ provider: 'psp-acme' });
        payments.acme.heal(fault);
        payments.acme.heal('no-webhooks');
        await becomes(order, 'SUCCEEDED');
        expect(payments.moved(order)).toEqual(['psp-acme charge succeeded']);
      },
    );
  });

  describe('when a provider that was asked refuses connections later', () => {
    it('stays with it, for the first attempt may have charged', async () => {
      payments.acme.fail('no-webhooks');
      payments.acme.fail('lost-answers');
      const order = await payments.place('tok_ok');
      await becomes(order, 'UNKNOWN');
      payments.acme.fail('down', { expiresInMs: 4000 });
      await eventually(
        async () => {
          const refused = await payments.database.query(
            `SELECT 1 FROM payments.attempts WHERE payment_id = $1 AND outcome = 'unreachable'`,
            [order.paymentId],
          );
          expect(refused.length).toBeGreaterThan(0);
        },
        { timeoutMs: 30_000, intervalMs: 100 },
      );
      payments.acme.heal('lost-answers');
      payments.acme.heal('no-webhooks');
      await becomes(order, 'SUCCEEDED');
      expect(payments.moved(order)).toEqual(['psp-acme charge succeeded']);
    });
  });

  describe('when the worker that charged died before it wrote the answer down', () => {
    it('goes on from the row under the same key within the lease', async () => {
      const order = await payments.place('tok_ok');
      await becomes(order, 'SUCCEEDED');
      await payments.database.query(
        `UPDATE payments.payments SET status = 'PROCESSING', seq = 1, owner = gen_random_uuid(), payment_token = 'tok_ok'
         WHERE payment_id = $1`,
        [order.paymentId],
      );
      await becomes(order, 'SUCCEEDED');
      expect(payments.moved(order)).toEqual(['psp-acme charge succeeded']);
      expect((await payments.row(order)).attempts).toBe(2);
    });
  });

  describe('when its order asks for settlement', () => {
    it('says the result again under the next number, or starts the payment', async () => {
      const order = await payments.place('tok_ok');
      await becomes(order, 'SUCCEEDED');
      await payments.send('order.settlement-requested', order, 2);
      await eventually(async () =>
        expect((await payments.told(order)).at(-1)).toMatchObject({ type: 'payment.succeeded', seq: 3 }),
      );
      const lost = payments.order('tok_ok');
      await payments.send('order.settlement-requested', lost, 1);
      await becomes(lost, 'SUCCEEDED');
    });
  });

  describe('when an order is placed twice under different event ids', () => {
    it('charges once', async () => {
      const order = payments.order('tok_ok');
      await Promise.all([payments.send('order.placed', order, 1), payments.send('order.placed', order, 1)]);
      await becomes(order, 'SUCCEEDED');
      expect(payments.moved(order)).toEqual(['psp-acme charge succeeded']);
    });
  });

  describe('when asked for the inside view', () => {
    it('shows the payment, and 404 for one that is not there', async () => {
      const order = await payments.place('tok_ok');
      await becomes(order, 'SUCCEEDED');
      const { status, body } = await payments.view(order.paymentId);
      expect(status).toBe(200);
      expect(body).toMatchObject({ paymentId: order.paymentId, status: 'SUCCEEDED', amountMinor: 24_000 });
      expect(body).not.toHaveProperty('paymentToken');
      expect((await payments.view(payments.order('tok_ok').paymentId)).status).toBe(404);
    });
  });
});
