import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderView, Page, ProductView } from '#libs/contracts';
import { LiteSystem, Shopper } from '../support/lite-system.js';

const SKU = 'TF-0001';
const SCARCE = 'TF-0900';
const orderOf = (paymentToken = 'tok_ok', sku = SKU, quantity = 1) => ({ items: [{ sku, quantity }], paymentToken });
const isFinal = (order: OrderView) => order.status !== 'PLACED';

describe('the shop in lite', () => {
  let system: LiteSystem;
  let ada: Shopper;
  let adaAtTheOtherDoor: Shopper;

  beforeAll(async () => {
    system = await LiteSystem.start();
    const token = await system.token('ada');
    ada = new Shopper(system.door(0), token);
    adaAtTheOtherDoor = new Shopper(system.door(1), token);
  }, 300_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  const chargesOf = async (order: OrderView) =>
    (await system.ledger()).filter(({ reference }) => reference === order.payment.paymentId);

  describe('when an order is paid', () => {
    it('answers 201 with its place, then confirms it, charged exactly once', async () => {
      const answer = await ada.place(randomUUID(), orderOf());
      const placed = (await answer.json()) as OrderView;
      expect(answer.status).toBe(201);
      expect(answer.headers.get('location')).toBe(`/orders/${placed.orderId}`);
      const order = await ada.awaitOrder(placed.orderId, isFinal);
      expect(order).toMatchObject({ status: 'CONFIRMED', customerId: 'ada', payment: { status: 'SUCCEEDED' } });
      expect(await chargesOf(order)).toMatchObject([
        { kind: 'charge', outcome: 'succeeded', amountMinor: order.totalMinor },
      ]);
    });

    it.each(['tok_5xx_twice', 'tok_timeout', 'tok_lost_answer', 'tok_duplicate_webhook'])(
      'charges once whatever the provider does: %s',
      async (token) => {
        const { orderId } = (await (await ada.place(randomUUID(), orderOf(token))).json()) as OrderView;
        const order = await ada.awaitOrder(orderId, isFinal);
        expect(order.status).toBe('CONFIRMED');
        expect((await chargesOf(order)).filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(1);
      },
      30_000,
    );
  });

  describe('when the payment is declined', () => {
    it.each(['tok_declined', 'tok_insufficient_funds'])('cancels the order and charges nothing: %s', async (token) => {
      const { orderId } = (await (await ada.place(randomUUID(), orderOf(token))).json()) as OrderView;
      const order = await ada.awaitOrder(orderId, isFinal);
      expect(order).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-declined' });
      expect((await chargesOf(order)).filter(({ outcome }) => outcome === 'succeeded')).toEqual([]);
    });
  });

  describe('when the customer cancels', () => {
    it('refunds a confirmed order, answers a repeat the same, and refuses a declined one', async () => {
      const { orderId } = (await (await ada.place(randomUUID(), orderOf())).json()) as OrderView;
      await ada.awaitOrder(orderId, isFinal);
      const cancelled = await ada.post(`/orders/${orderId}/cancellation`, {});
      expect(cancelled.status).toBe(200);
      expect(await cancelled.json()).toMatchObject({ status: 'CANCELLED', cancelReason: 'customer' });
      expect((await adaAtTheOtherDoor.post(`/orders/${orderId}/cancellation`, {})).status).toBe(200);
      const order = await ada.awaitOrder(orderId, ({ payment }) => payment.status === 'REFUNDED');
      const money = await chargesOf(order);
      expect(money.map(({ kind, outcome }) => [kind, outcome])).toEqual([
        ['charge', 'succeeded'],
        ['refund', 'succeeded'],
      ]);
    }, 30_000);

    it('answers 409 where there is nothing to cancel', async () => {
      const { orderId } = (await (await ada.place(randomUUID(), orderOf('tok_declined'))).json()) as OrderView;
      await ada.awaitOrder(orderId, isFinal);
      const refused = await ada.post(`/orders/${orderId}/cancellation`, {});
      expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'not-cancellable' }]);
    });
  });

  describe('when a key is used again', () => {
    it('answers the stored bytes at either door, and 422 to another body', async () => {
      const key = randomUUID();
      const first = await ada.place(key, orderOf());
      const again = await adaAtTheOtherDoor.place(
        key,
        `{"paymentToken":"tok_ok","items":[{"quantity":1,"sku":"${SKU}"}]}`,
      );
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      expect(await again.text()).toBe(await first.text());
      const other = await ada.place(key, orderOf('tok_ok', SKU, 2));
      expect([other.status, await other.json()]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
    });

    it('makes one order of 1,000 concurrent posts, and never a 5xx', async () => {
      const key = randomUUID();
      const posts = Array.from({ length: 1_000 }, (_, i) => (i % 2 ? ada : adaAtTheOtherDoor).place(key, orderOf()));
      const answers = await Promise.all(
        posts.map(async (post) => ({ status: (await post).status, text: await (await post).text() })),
      );
      const created = answers.filter(({ status }) => status === 201);
      expect(new Set(answers.map(({ status }) => status)).difference(new Set([201, 409]))).toEqual(new Set());
      expect(new Set(created.map(({ text }) => text)).size).toBe(1);
    }, 60_000);
  });

  describe('when stock runs out', () => {
    it('sells 10 pieces to 1,000 who race for them, and says so to the rest', async () => {
      const token = await system.token('crowd');
      const crowd = [new Shopper(system.door(0), token), new Shopper(system.door(1), token)];
      const race = Array.from({ length: 1_000 }, (_, i) =>
        crowd[i % 2]!.placePatiently(randomUUID(), orderOf('tok_ok', SCARCE)),
      );
      const statuses = (await Promise.all(race)).map(({ status }) => status);
      const count = (status: number) => statuses.filter((one) => one === status).length;
      expect({ sold: count(201), refused: count(409), other: statuses.length - count(201) - count(409) }).toEqual({
        sold: 10,
        refused: 990,
        other: 0,
      });
      const product = (await (await ada.get(`/products/${SCARCE}`)).json()) as ProductView;
      expect(product.available).toBe(0);
    }, 60_000);
  });

  describe('when lists are read', () => {
    it('pages through products without a token, and through own orders newest first', async () => {
      const first = (await (await fetch(`${system.door()}/products?limit=2`)).json()) as Page<ProductView>;
      const second = (await (
        await fetch(`${system.door()}/products?limit=2&after=${first.next}`)
      ).json()) as Page<ProductView>;
      expect([...first.items, ...second.items].map(({ sku }) => sku)).toEqual([
        'TF-0001',
        'TF-0002',
        'TF-0003',
        'TF-0004',
      ]);
      const { orderId } = (await (await ada.place(randomUUID(), orderOf())).json()) as OrderView;
      const orders = (await (await adaAtTheOtherDoor.get('/orders?limit=3')).json()) as Page<OrderView>;
      expect(orders.items[0]?.orderId).toBe(orderId);
      const next = (await (await ada.get(`/orders?limit=3&after=${orders.next}`)).json()) as Page<OrderView>;
      const ids = [...orders.items, ...next.items].map((order) => order.orderId);
      expect(ids).toEqual([...new Set(ids)].sort().reverse());
    });

    it("shows nobody somebody else's order", async () => {
      const { orderId } = (await (await ada.place(randomUUID(), orderOf())).json()) as OrderView;
      const eve = new Shopper(system.door(), await system.token('eve'));
      expect((await eve.get(`/orders/${orderId}`)).status).toBe(404);
      expect((await eve.post(`/orders/${orderId}/cancellation`, {})).status).toBe(404);
    });
  });

  describe('when somebody looks at what it tells about itself', () => {
    it('describes itself at /docs, is healthy, and counts at its management port', async () => {
      expect((await fetch(`${system.door()}/docs`)).status).toBe(200);
      for (const path of ['/health', '/health/live', '/health/ready'])
        expect((await fetch(`${system.door()}${path}`)).status).toBe(200);
      const metrics = await (await fetch(system.door().replace(':8', ':9') + '/metrics')).text();
      expect(metrics).toMatch(/^twofold_orders_confirmed_total/m);
      expect(metrics).toMatch(/eventloop_lag/);
      expect((await fetch(`${system.door()}/metrics`)).status).toBe(404);
    });

    it('has written no means of payment and no token into any log', () => {
      const folder = join(system.folder, 'logs');
      // The launcher's own log repeats its welcome, with the ready curl line in it.
      const logs = readdirSync(folder)
        .filter((name) => !name.startsWith('launcher'))
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('\n');
      expect(logs.length).toBeGreaterThan(100);
      expect(logs).not.toMatch(/tok_[a-z]|eyJ[A-Za-z0-9_-]{10}/);
    });
  });
});
