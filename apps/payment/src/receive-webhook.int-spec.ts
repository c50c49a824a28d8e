import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PaymentStatus, PspResult, PspWebhook } from '#libs/contracts';
import { eventually } from '../../../test/support/eventually.js';
import { Payments, type TestOrder } from '../test/open-payments.js';
import { ReceiveWebhook } from './receive-webhook.js';
import { ReconcilePayments } from './reconcile-payments.js';

jest.setTimeout(90_000);
let payments: Payments;

beforeAll(async () => {
  payments = await Payments.open({ PAYMENT_RECONCILE_INTERVAL_MS: '600000', PROVIDER_CALLS_TIME_LIMIT_MS: '500' });
}, 60_000);
afterAll(() => payments[Symbol.asyncDispose]());

const statusOf = async (order: TestOrder) => (await payments.row(order)).status;
const becomes = (order: TestOrder, status: string, timeoutMs = 30_000) =>
  eventually(async () => expect(await statusOf(order)).toBe(status), { timeoutMs, intervalMs: 100 });

const webhookOf = (order: TestOrder, kind: PspResult['kind'], outcome: PspResult['outcome']): PspWebhook => ({
  webhookId: randomUUID(),
  provider: 'psp-acme',
  result: {
    id: randomUUID(),
    kind,
    reference: order.paymentId,
    idempotencyKey: kind === 'charge' ? order.paymentId : `${order.paymentId}:refund`,
    amountMinor: order.totalMinor,
    currency: order.currency,
    outcome,
    at: new Date().toISOString(),
  },
});

/** A payment that lies in `status` and that no worker touches. */
async function payment(status: PaymentStatus): Promise<TestOrder> {
  const order = payments.order('tok_ok');
  const provider = status === 'REQUESTED' || status === 'FAILED' ? null : 'psp-acme';
  await payments.database.query(
    `INSERT INTO payments.payments (payment_id, order_id, customer_id, currency, amount_minor, payment_token, status, provider, seq)
     VALUES ($1, $2, 'c', 'KRW', $3, 'tok_ok', $4, $5, 5)`,
    [order.paymentId, order.orderId, order.totalMinor, status, provider],
  );
  return order;
}

describe(ReceiveWebhook.name, () => {
  describe('when a webhook comes early, twice, or late, whatever the state', () => {
    it.each([
      ['REQUESTED', 'charge', 'succeeded', 'SUCCEEDED', 'payment.succeeded'],
      ['PROCESSING', 'charge', 'succeeded', 'SUCCEEDED', 'payment.succeeded'],
      ['UNKNOWN', 'charge', 'succeeded', 'SUCCEEDED', 'payment.succeeded'],
      ['SUCCEEDED', 'charge', 'succeeded', 'SUCCEEDED', undefined],
      ['PROCESSING', 'charge', 'declined', 'DECLINED', 'payment.declined'],
      ['UNKNOWN', 'charge', 'declined', 'DECLINED', 'payment.declined'],
      ['SUCCEEDED', 'charge', 'declined', 'SUCCEEDED', undefined],
      ['DECLINED', 'charge', 'declined', 'DECLINED', undefined],
      ['REQUESTED', 'charge', 'declined', 'REQUESTED', undefined],
      ['REFUNDED', 'charge', 'succeeded', 'REFUNDED', undefined],
      ['REFUNDED', 'refund', 'succeeded', 'REFUNDED', undefined],
      ['SUCCEEDED', 'refund', 'succeeded', 'SUCCEEDED', undefined],
    ] as const)('%s hears of a %s that %s and is %s', async (...[from, kind, outcome, to, event]) => {
      const order = await payment(from);
      const webhook = webhookOf(order, kind, outcome);
      // In parallel, then a replay, then one sent when the others were already old.
      expect(await Promise.all([payments.webhook(webhook), payments.webhook(webhook)])).toEqual([204, 204]);
      expect(await payments.webhook(webhook, { ageMs: 240_000 })).toBe(204);
      expect(await statusOf(order)).toBe(to);
      expect((await payments.told(order)).map(({ type, seq }) => [type, seq])).toEqual(event ? [[event, 6]] : []);
    });

    it('answers 401 to a signature that is 10 minutes old, forged or missing, and changes nothing', async () => {
      const order = await payment('UNKNOWN');
      const webhook = webhookOf(order, 'charge', 'succeeded');
      expect(await payments.webhook(webhook, { ageMs: 600_000 })).toBe(401);
      expect(await payments.webhook(webhook, { secret: 'another secret of 16' })).toBe(401);
      expect(await statusOf(order)).toBe('UNKNOWN');
    });
  });

  describe('when a success is heard of for a payment that was given up', () => {
    it('is paid back where it was charged', async () => {
      payments.acme.fail('no-webhooks');
      const charged = await payments.place('tok_ok');
      await becomes(charged, 'SUCCEEDED');
      payments.acme.heal('no-webhooks');
      await payments.database.query(
        `UPDATE payments.payments SET status = 'FAILED', provider = NULL, seq = 3 WHERE payment_id = $1`,
        [charged.paymentId],
      );
      expect(await payments.webhook(webhookOf(charged, 'charge', 'succeeded'))).toBe(204);
      await becomes(charged, 'REFUNDED');
      expect(payments.moved(charged)).toEqual(['psp-acme charge succeeded', 'psp-acme refund succeeded']);
    });
  });

  describe('when a webhook contradicts what is recorded', () => {
    it('answers 4xx and changes nothing', async () => {
      const order = await payment('UNKNOWN');
      const webhook = webhookOf(order, 'charge', 'succeeded');
      const wrong = { ...webhook, result: { ...webhook.result, amountMinor: 1 } };
      expect(await payments.webhook(wrong)).toBe(422);
      expect(await payments.webhook({ ...webhook, provider: 'psp-unknown' })).toBe(400);
      expect(await payments.webhook(webhookOf(payments.order('tok_ok'), 'charge', 'succeeded'))).toBe(404);
      expect(await payments.webhook({ ...webhook, more: 1 } as PspWebhook)).toBe(400);
      expect(await statusOf(order)).toBe('UNKNOWN');
    });
  });
});

describe(ReconcilePayments.name, () => {
  describe('when answer and webhook of a charge are lost for good', () => {
    it('finds it in the ledger, also for payments that nobody works on any more', async () => {
      payments.acme.fail('no-webhooks');
      const [unknown, givenUp] = [await payments.place('tok_ok'), await payments.place('tok_ok')];
      await becomes(unknown, 'SUCCEEDED');
      await becomes(givenUp, 'SUCCEEDED');
      await payments.database.query(`UPDATE payments.payments SET status = 'UNKNOWN', seq = 1 WHERE payment_id = $1`, [
        unknown.paymentId,
      ]);
      await payments.database.query(
        `UPDATE payments.payments SET status = 'FAILED', provider = NULL, seq = 3 WHERE payment_id = $1`,
        [givenUp.paymentId],
      );
      payments.acme.heal('no-webhooks');
      await payments.database.query('UPDATE payments.ledger_cursors SET busy_until = now()');
      await payments.get(ReconcilePayments).execute();
      expect(await statusOf(unknown)).toBe('SUCCEEDED');
      await becomes(givenUp, 'REFUNDED');
    });
  });
});
