import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderView } from '#libs/contracts';
import { Inbox, Outbox } from '#libs/outbox';
import { openShop, type Shop } from '../test/open-shop.js';
import { paymentEvent } from '../test/payment-events.js';
import { CancelOrder } from './cancel-order.js';
import { FindOrder } from './find-order.js';
import { RequestSettlement } from './request-settlement.js';
import { SettleOrder } from './settle-order.js';
import { MIN_QUESTIONS } from './settlement-window.js';

let shop: Shop;
let settleOrder: SettleOrder;
let cancelOrder: CancelOrder;
let twinCancelOrder: CancelOrder;
let findOrder: FindOrder;
let requestSettlement: RequestSettlement;
const relay = { oldestWaitsMs: 0 };

beforeAll(async () => {
  shop = await openShop({ ORDER_GAP_WAIT_MS: '300', ORDER_SETTLEMENT_AFTER_MS: '0' });
  const { database, twin, config } = shop;
  settleOrder = new SettleOrder(database, new Inbox(), new Outbox(), config);
  cancelOrder = new CancelOrder(database, new Outbox());
  twinCancelOrder = new CancelOrder(twin, new Outbox());
  findOrder = new FindOrder(database, config);
  requestSettlement = new RequestSettlement(database, new Outbox(), config, relay);
}, 60_000);
afterAll(() => shop.close());

const CUSTOMER = 'customer-1';
let keys = 0;

async function place(...skus: string[]): Promise<OrderView> {
  const body = { items: skus.map((sku) => ({ sku, quantity: 2 })), paymentToken: 'tok_ok' };
  const request = { customerId: CUSTOMER, idempotencyKey: `k${++keys}`, body, correlationId: 'test' };
  return JSON.parse((await shop.either(keys).execute(request)).body) as OrderView;
}

const eventsOf = async (orderId: string): Promise<Array<{ type: string; seq: number }>> =>
  (
    await shop.query<{ value: string }>('SELECT value FROM orders.outbox WHERE aggregate_id = $1 ORDER BY id', [
      orderId,
    ])
  )
    .map(({ value }) => JSON.parse(value) as { type: string; seq: number })
    .map(({ type, seq }) => ({ type, seq }));
const soldAndFree = () =>
  shop.query<{ sku: string }>(
    `SELECT p.sku FROM orders.product p JOIN orders.stock s USING (sku)
       LEFT JOIN (SELECT i.sku, sum(i.quantity) AS sold FROM orders.order_items i JOIN orders.orders o USING (order_id)
                   WHERE o.status <> 'CANCELLED' GROUP BY i.sku) i USING (sku)
      WHERE p.stocked <> s.available + coalesce(i.sold, 0)`,
  );

describe(SettleOrder.name, () => {
  describe('when a payment succeeds', () => {
    it('confirms the order once, however often it is told', async () => {
      const order = await place('TF-0001');
      await settleOrder.execute(paymentEvent(order, 'payment.processing', 1));
      const succeeded = paymentEvent(order, 'payment.succeeded', 2);
      await Promise.all([settleOrder.execute(succeeded), settleOrder.execute(succeeded)]);
      await settleOrder.execute(paymentEvent(order, 'payment.succeeded', 2));
      const view = await findOrder.one(order.orderId, CUSTOMER);
      expect(view).toMatchObject({
        status: 'CONFIRMED',
        version: 3,
        payment: { status: 'SUCCEEDED', provider: 'psp-acme' },
      });
      expect(await eventsOf(order.orderId)).toEqual([
        { type: 'order.placed', seq: 1 },
        { type: 'order.confirmed', seq: 2 },
      ]);
    });
  });

  describe('when a payment is declined or given up', () => {
    it.each([
      ['payment.declined', 'payment-declined'],
      ['payment.failed', 'payment-system-error'],
    ] as const)('%s cancels the order and frees its stock', async (type, cancelReason) => {
      const order = await place('TF-0002', 'TF-0001');
      await settleOrder.execute(paymentEvent(order, type, 1));
      expect(await findOrder.one(order.orderId, CUSTOMER)).toMatchObject({ status: 'CANCELLED', cancelReason });
      expect((await eventsOf(order.orderId)).at(-1)).toEqual({ type: 'order.cancelled', seq: 2 });
      expect(await soldAndFree()).toEqual([]);
      await expect(cancelOrder.execute(order.orderId, CUSTOMER)).rejects.toMatchObject({ code: 'not-cancellable' });
    });
  });

  describe('when an earlier event is missing', () => {
    it('waits for it, bounded, then applies the later one and ignores the earlier', async () => {
      const order = await place('TF-0001');
      const succeeded = paymentEvent(order, 'payment.succeeded', 2);
      await expect(settleOrder.execute(succeeded)).rejects.toMatchObject({ code: 'event-gap', kind: 'unavailable' });
      await new Promise((resolve) => setTimeout(resolve, 350));
      await settleOrder.execute(succeeded);
      await settleOrder.execute(paymentEvent(order, 'payment.processing', 1));
      expect(await findOrder.one(order.orderId, CUSTOMER)).toMatchObject({ status: 'CONFIRMED', version: 2 });
    });
  });

  describe('when an event names no order of ours', () => {
    it('is poison', async () => {
      const order = { ...(await place('TF-0001')), orderId: '00000000-0000-7000-8000-000000000000' };
      await expect(settleOrder.execute(paymentEvent(order, 'payment.succeeded', 1))).rejects.toMatchObject({
        kind: 'poison',
      });
    });
  });
});

describe(CancelOrder.name, () => {
  describe('when a customer cancels a paid order', () => {
    it('cancels once, answers the same again, and shows the refund when it is done', async () => {
      const order = await place('TF-0003');
      await settleOrder.execute(paymentEvent(order, 'payment.succeeded', 1));
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 ? cancelOrder : twinCancelOrder).execute(order.orderId, CUSTOMER)),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({
        status: 'CANCELLED',
        cancelReason: 'customer',
        payment: { status: 'REFUNDING' },
      });
      await settleOrder.execute(paymentEvent(order, 'payment.refunded', 2));
      expect(await findOrder.one(order.orderId, CUSTOMER)).toMatchObject({ payment: { status: 'REFUNDED' } });
      expect(await eventsOf(order.orderId)).toEqual([
        { type: 'order.placed', seq: 1 },
        { type: 'order.confirmed', seq: 2 },
        { type: 'order.cancelled', seq: 3 },
      ]);
    });
  });

  describe('when the order is somebody else’s or nobody’s', () => {
    it('is not found', async () => {
      const { orderId } = await place('TF-0003');
      for (const [id, customer] of [
        [orderId, 'stranger'],
        ['nonsense', CUSTOMER],
        ['00000000-0000-7000-8000-000000000000', CUSTOMER],
      ] as const) {
        await expect(cancelOrder.execute(id, customer)).rejects.toMatchObject({ code: 'order-not-found' });
        await expect(findOrder.one(id, customer)).rejects.toMatchObject({ code: 'order-not-found' });
      }
    });
  });

  describe('when placements, settlements and cancellations race over the same shelves', () => {
    it('never deadlocks, and loses no piece', async () => {
      const before = await deadlocks();
      const skus = ['TF-0010', 'TF-0011', 'TF-0012', 'TF-0013'];
      await Promise.all(
        Array.from({ length: 200 }, async (_, n) => {
          const order = await place(...skus.slice(n % 3).sort(() => (n % 2 ? -1 : 1)));
          const ends = [
            settleOrder.execute(paymentEvent(order, n % 4 ? 'payment.declined' : 'payment.succeeded', 1)),
            cancelOrder.execute(order.orderId, CUSTOMER),
            twinCancelOrder.execute(order.orderId, CUSTOMER),
          ];
          await Promise.allSettled(ends);
        }),
      );
      expect(await deadlocks()).toBe(before);
      expect(await soldAndFree()).toEqual([]);
      const waiting = await shop.query(`SELECT 1 FROM orders.orders WHERE status = 'MANUAL_REVIEW'`);
      expect(waiting).toEqual([]);
    }, 60_000);
  });
});

describe(FindOrder.name, () => {
  describe('when a customer pages through orders', () => {
    it('shows each once, newest first, whatever is placed meanwhile', async () => {
      const request = (n: number) => ({
        customerId: 'pager',
        idempotencyKey: `p${n}`,
        body: { items: [{ sku: 'TF-0001', quantity: 1 }], paymentToken: 'tok_ok' },
        correlationId: 'test',
      });
      const placed: string[] = [];
      for (let n = 0; n < 5; n++)
        placed.unshift(String(JSON.parse((await shop.first.execute(request(n))).body).orderId));
      const first = await findOrder.page('pager', { limit: 2 });
      await shop.first.execute(request(99));
      const second = await findOrder.page('pager', { limit: 2, after: first.next });
      const third = await findOrder.page('pager', { limit: 2, after: second.next });
      expect([first, second, third].flatMap((page) => page.items.map((order) => order.orderId))).toEqual(placed);
      expect(third.next).toBeUndefined();
      await expect(findOrder.page('pager', { limit: 2, after: 'x' })).rejects.toMatchObject({
        code: 'invalid-request',
      });
    });
  });
});

describe(RequestSettlement.name, () => {
  describe('when an order waits for its payment', () => {
    it('asks with the whole order, in their order, and not again at once', async () => {
      const order = await place('TF-0001');
      await requestSettlement.execute();
      await requestSettlement.execute();
      expect(await eventsOf(order.orderId)).toEqual([
        { type: 'order.placed', seq: 1 },
        { type: 'order.settlement-requested', seq: 2 },
      ]);
      await settleOrder.execute(paymentEvent(order, 'payment.succeeded', 1));
      expect((await eventsOf(order.orderId)).at(-1)).toEqual({ type: 'order.confirmed', seq: 3 });
    });
  });

  describe('when more orders wait than payment answers for', () => {
    it('asks about no more of them than at first, and about each once before any twice', async () => {
      while ((await requestSettlement.execute()) > 0);
      const waiting = 2 * MIN_QUESTIONS;
      await Promise.all(Array.from({ length: waiting }, () => place('TF-0003')));
      expect(await requestSettlement.execute()).toBe(MIN_QUESTIONS);
      expect(await requestSettlement.execute()).toBe(MIN_QUESTIONS);
      expect(await requestSettlement.execute()).toBe(0);
    });
  });

  describe('when what was asked before has not left yet', () => {
    it('asks about nothing, until it has', async () => {
      const order = await place('TF-0001');
      relay.oldestWaitsMs = 6_000;
      expect(await requestSettlement.execute()).toBe(0);
      relay.oldestWaitsMs = 0;
      await requestSettlement.execute();
      expect((await eventsOf(order.orderId)).at(-1)).toMatchObject({ type: 'order.settlement-requested' });
    });
  });
});

async function deadlocks(): Promise<number> {
  await shop.query('SELECT pg_stat_force_next_flush()');
  const [row] = await shop.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(row?.deadlocks);
}
