import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { Payments, type TestOrder } from '../../test/open-payments.js';
import { Providers } from '../provider/providers.js';
import { PaymentWorker } from './payment-worker.js';
import { WorkerLease } from './worker-lease.js';

jest.setTimeout(150_000);
let payments: Payments;

beforeAll(async () => {
  payments = await Payments.open({ PROVIDER_CALLS_TIME_LIMIT_MS: '1000', PROVIDER_CALLS_HALF_OPEN_AFTER_MS: '500' });
});
afterAll(() => payments[Symbol.asyncDispose]());

/** How many of the orders' payments are in each status. */
async function statuses(orders: readonly TestOrder[]): Promise<Record<string, number>> {
  const rows = await payments.database.query<{ status: string; count: number }>(
    'SELECT status, count(*)::int AS count FROM payments.payments WHERE payment_id = ANY ($1) GROUP BY status',
    [orders.map(({ paymentId }) => paymentId)],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** Makes payments look as if a worker had them in hand, asking a provider. */
async function giveTo(owner: string, orders: readonly TestOrder[]): Promise<void> {
  await payments.database.query(
    `UPDATE payments.payments SET status = 'PROCESSING', seq = 1, payment_token = 'tok_ok', owner = $2
     WHERE payment_id = ANY ($1)`,
    [orders.map(({ paymentId }) => paymentId), owner],
  );
}

const areAllPaid = (orders: readonly TestOrder[], timeoutMs: number) =>
  eventually(async () => expect(await statuses(orders)).toEqual({ SUCCEEDED: orders.length }), {
    timeoutMs,
    intervalMs: 200,
  });

describe(PaymentWorker.name, () => {
  describe('when all providers hang', () => {
    it('goes on taking orders, and has every payment charged once soon after they are back', async () => {
      const hang = { delayMs: 5000, expiresInMs: 5000 };
      payments.acme.fail('hang', hang);
      payments.borealis.fail('hang', hang);
      const orders = await payments.placeMany(200);
      await eventually(
        async () => expect(Object.values(await statuses(orders)).reduce((sum, count) => sum + count, 0)).toBe(200),
        { timeoutMs: 5000 },
      );
      await areAllPaid(orders, 40_000);
      for (const order of orders) expect(payments.moved(order)).toHaveLength(1);
    });
  });

  describe('when more is due than there is room for', () => {
    it('begins with the order that was placed first, whichever is heard of first', async () => {
      const hang = { delayMs: 2500, expiresInMs: 2500 };
      payments.acme.fail('hang', hang);
      payments.borealis.fail('hang', hang);
      const others = await payments.placeMany(200);
      const young = await payments.place('tok_ok');
      const old = await payments.place('tok_ok', new Date(Date.now() - 60_000));
      await areAllPaid([...others, young, old], 40_000);
      const begun = await payments.database.query<{ payment_id: string }>(
        'SELECT payment_id FROM payments.attempts WHERE payment_id = ANY ($1) AND attempt = 1 ORDER BY started_at',
        [[young.paymentId, old.paymentId]],
      );
      expect(begun.map((row) => row.payment_id)).toEqual([old.paymentId, young.paymentId]);
    });
  });

  describe('when the preferred provider hangs', () => {
    it('opens its circuit and charges new payments at the other one meanwhile', async () => {
      payments.acme.fail('hang', { delayMs: 6000, expiresInMs: 60_000 });
      const first = await payments.placeMany(60);
      const [acme] = payments.get(Providers).all;
      await eventually(() => expect(acme?.circuit).not.toBe('closed'), { timeoutMs: 30_000 });
      const later = await payments.placeMany(40);
      await areAllPaid(later, 40_000);
      expect(new Set(later.flatMap((order) => payments.moved(order)))).toEqual(
        new Set(['psp-borealis charge succeeded']),
      );
      payments.acme.heal('hang');
      await areAllPaid([...first, ...later], 30_000);
      for (const order of [...first, ...later]) expect(payments.moved(order)).toHaveLength(1);
    });
  });

  describe('when a worker falls silent with payments in hand', () => {
    it('has them finished by a living one within the lease', async () => {
      const orders = await payments.placeMany(20);
      await areAllPaid(orders, 40_000);
      await giveTo('00000000-0000-4000-8000-000000000000', orders);
      await areAllPaid(orders, 30_000);
      for (const order of orders) expect(payments.moved(order)).toHaveLength(1);
    });
  });

  describe('when a claim that the worker gave up is committed after all', () => {
    it('notices that the payments are its own, and finishes them', async () => {
      const orders = await payments.placeMany(20);
      await areAllPaid(orders, 40_000);
      await giveTo(payments.get(WorkerLease).id, orders);
      await areAllPaid(orders, 20_000);
      for (const order of orders) expect(payments.moved(order)).toHaveLength(1);
    });
  });
});
