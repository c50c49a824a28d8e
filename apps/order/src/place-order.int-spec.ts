import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlaceOrderBody } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { openShop, type Shop } from '../test/open-shop.js';
import type { PlaceOrderAnswer } from './place-order.js';
import { PlaceOrder } from './place-order.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
}, 60_000);
afterAll(() => shop.close());

const orderOf = (sku: string, quantity = 1): PlaceOrderBody => ({ items: [{ sku, quantity }], paymentToken: 'tok_ok' });

let customers = 0;
const newCustomer = (): string => `customer-${++customers}`;

type Outcome = PlaceOrderAnswer | AppError;
const place = (placeOrder: PlaceOrder, customerId: string, key: string, body: PlaceOrderBody): Promise<Outcome> =>
  placeOrder
    .execute({ customerId, idempotencyKey: key, body, correlationId: `test-${key}` })
    .catch((error: AppError) => error);

const replayOf = (outcome: Outcome): object => (isAnswer(outcome) ? { ...outcome, replayed: true } : outcome);
const isAnswer = (outcome: Outcome): outcome is PlaceOrderAnswer => 'body' in outcome;
const codeOf = (outcome: Outcome): string =>
  isAnswer(outcome) ? ((JSON.parse(outcome.body) as { code?: string }).code ?? String(outcome.status)) : outcome.code;
const countBy = (outcomes: readonly Outcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[codeOf(outcome)] = (counts[codeOf(outcome)] ?? 0) + 1;
  return counts;
};
const ordersOf = (customerId: string) => shop.query('SELECT * FROM orders.orders WHERE customer_id = $1', [customerId]);
const availableOf = async (sku: string): Promise<number> =>
  (await shop.query<{ available: number }>('SELECT available FROM orders.stock WHERE sku = $1', [sku]))[0]!.available;

describe(PlaceOrder.name, () => {
  describe('when an order is placed', () => {
    it('answers 201 and has written order, items, stock, key and event together', async () => {
      const customerId = newCustomer();
      const before = await availableOf('TF-0002');
      const outcome = await place(shop.first, customerId, 'k', {
        items: [
          { sku: 'TF-0002', quantity: 3 },
          { sku: 'TF-0001', quantity: 1 },
        ],
        paymentToken: 'tok_ok',
      });
      if (!isAnswer(outcome)) throw outcome;
      const order = JSON.parse(outcome.body) as { orderId: string; totalMinor: number };
      expect(outcome).toMatchObject({ status: 201, location: `/orders/${order.orderId}`, replayed: false });
      expect(await availableOf('TF-0002')).toBe(before - 3);
      expect(await ordersOf(customerId)).toMatchObject([{ order_id: order.orderId, status: 'PLACED' }]);
      const items = await shop.query('SELECT sku FROM orders.order_items WHERE order_id = $1 ORDER BY line', [
        order.orderId,
      ]);
      expect(items).toEqual([{ sku: 'TF-0002' }, { sku: 'TF-0001' }]);
      const events = await shop.query<{ value: string }>('SELECT * FROM orders.outbox WHERE aggregate_id = $1', [
        order.orderId,
      ]);
      expect(events).toMatchObject([{ topic: 'order-events', seq: 1, key: order.orderId }]);
      expect(JSON.parse(events[0]!.value)).toMatchObject({
        type: 'order.placed',
        payload: { totalMinor: order.totalMinor },
      });
    });
  });

  describe('when 1,000 requests with one key race through two processes', () => {
    it('places one order and answers all others the same bytes', async () => {
      const customerId = newCustomer();
      const outcomes = await Promise.all(
        Array.from({ length: 1_000 }, (_, n) => place(shop.either(n), customerId, 'one-key', orderOf('TF-0003'))),
      );
      const bodies = new Set(outcomes.filter(isAnswer).map((outcome) => outcome.body));
      expect(countBy(outcomes)).toEqual({ 201: 1_000 });
      expect(bodies.size).toBe(1);
      expect(outcomes.filter((outcome) => isAnswer(outcome) && !outcome.replayed)).toHaveLength(1);
      expect(await ordersOf(customerId)).toHaveLength(1);
    }, 30_000);
  });

  describe('when 1,000 requests race for the last 10 pieces through two processes', () => {
    it('sells exactly 10, and says sold out to every other', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 1_000 }, (_, n) => place(shop.either(n), newCustomer(), 'k', orderOf('TF-0100'))),
      );
      expect(countBy(outcomes)).toEqual({ 201: 10, 'stock-exhausted': 990 });
      expect(await availableOf('TF-0100')).toBe(0);
    }, 30_000);
  });

  describe('when a key is used again', () => {
    it('answers the first answer, also when stock has gone meanwhile, and from another process', async () => {
      const customerId = newCustomer();
      const first = await place(shop.first, customerId, 'again', orderOf('TF-0200', 10));
      const second = await place(shop.second, customerId, 'again', orderOf('TF-0200', 10));
      expect(codeOf(first)).toBe('201');
      expect(second).toEqual(replayOf(first));
    });

    it('refuses another body with 422, and takes the same body in another order of fields', async () => {
      const customerId = newCustomer();
      await place(shop.first, customerId, 'other', orderOf('TF-0004'));
      expect(codeOf(await place(shop.second, customerId, 'other', orderOf('TF-0004', 2)))).toBe(
        'idempotency-key-reused',
      );
      const reordered = { paymentToken: 'tok_ok', items: [{ quantity: 1, sku: 'TF-0004' }] };
      expect(await place(shop.second, customerId, 'other', reordered)).toMatchObject({ status: 201, replayed: true });
    });

    it('keeps a refusal, even when the shelf is full again', async () => {
      const customerId = newCustomer();
      const first = await place(shop.first, customerId, 'refused', orderOf('TF-0300', 11));
      await shop.query(`UPDATE orders.stock SET available = 100 WHERE sku = 'TF-0300'`);
      const second = await place(shop.second, customerId, 'refused', orderOf('TF-0300', 11));
      expect(first).toMatchObject({ status: 409, replayed: false });
      expect(second).toEqual(replayOf(first));
      expect(JSON.parse((second as PlaceOrderAnswer).body)).toMatchObject({
        code: 'stock-exhausted',
        sku: 'TF-0300',
        correlationId: 'test-refused',
      });
    });
  });

  describe('when a key is in flight in a process that hangs', () => {
    it('answers 409 in flight after the wait, and stalls no stranger in the same batch', async () => {
      const customerId = newCustomer();
      await using hanging = await shop.hold(customerId, 'stuck');
      const startedMs = performance.now();
      const stuck = place(shop.first, customerId, 'stuck', orderOf('TF-0005'));
      const stranger = await place(shop.first, newCustomer(), 'free', orderOf('TF-0005'));
      expect(codeOf(stranger)).toBe('201');
      expect(performance.now() - startedMs).toBeLessThan(1_000);
      expect(codeOf(await stuck)).toBe('idempotency-in-flight');
      await hanging.release();
      expect(codeOf(await place(shop.first, customerId, 'stuck', orderOf('TF-0005')))).toBe('201');
    }, 20_000);
  });

  describe('when one member of a batch is not like the others', () => {
    it('answers each for itself: sold out, unknown SKU, replayed, doubled key, placed', async () => {
      const again = newCustomer();
      await place(shop.first, again, 'known', orderOf('TF-0006'));
      const twin = newCustomer();
      const outcomes = await Promise.all([
        place(shop.first, newCustomer(), 'k', orderOf('TF-0400', 11)),
        place(shop.first, newCustomer(), 'k', orderOf('nothing-like-this')),
        place(shop.first, again, 'known', orderOf('TF-0006')),
        place(shop.first, twin, 'twice', orderOf('TF-0006')),
        place(shop.first, twin, 'twice', orderOf('TF-0006')),
        place(shop.first, newCustomer(), 'k', orderOf('TF-0006')),
      ]);
      expect(outcomes.map(codeOf)).toEqual(['stock-exhausted', 'unknown-sku', '201', '201', '201', '201']);
      expect(outcomes.map((outcome) => isAnswer(outcome) && outcome.replayed)).toEqual([
        false,
        false,
        true,
        false,
        true,
        false,
      ]);
      expect(await ordersOf(twin)).toHaveLength(1);
    });

    it('places the others one by one when the database refuses one of them', async () => {
      await shop.query(`ALTER TABLE orders.orders ADD CONSTRAINT not_him CHECK (customer_id <> 'refused-by-database')`);
      const outcomes = await Promise.all([
        place(shop.first, newCustomer(), 'k', orderOf('TF-0007')),
        place(shop.first, 'refused-by-database', 'k', orderOf('TF-0007')),
        place(shop.first, newCustomer(), 'k', orderOf('TF-0007')),
      ]);
      await shop.query('ALTER TABLE orders.orders DROP CONSTRAINT not_him');
      expect([codeOf(outcomes[0]), codeOf(outcomes[2])]).toEqual(['201', '201']);
      expect(outcomes[1]).toMatchObject({ code: '23514' });
    });
  });

  describe('when the price changes while the order is on its way', () => {
    it('places it at the new price', async () => {
      await place(shop.first, newCustomer(), 'k', orderOf('TF-0008'));
      await shop.query(`UPDATE orders.stock SET unit_price_minor = 777 WHERE sku = 'TF-0008'`);
      const outcome = await place(shop.first, newCustomer(), 'k', orderOf('TF-0008', 2));
      expect(JSON.parse((outcome as PlaceOrderAnswer).body)).toMatchObject({ totalMinor: 1_554 });
    });
  });

  describe('when one key races across midnight', () => {
    it('places one order, though each side of midnight has a partition of its own', async () => {
      await shop.query(`CREATE OR REPLACE FUNCTION orders.today() RETURNS date LANGUAGE sql VOLATILE
        AS 'SELECT current_date + (random() < 0.5)::int'`);
      const customersOfNight = Array.from({ length: 30 }, newCustomer);
      const outcomes = await Promise.all(
        customersOfNight.flatMap((customer) =>
          Array.from({ length: 10 }, (_, n) => place(shop.either(n), customer, 'midnight', orderOf('TF-0009'))),
        ),
      );
      const later = await Promise.all(
        customersOfNight.map((c) => place(shop.second, c, 'midnight', orderOf('TF-0009'))),
      );
      const days = await shop.query('SELECT DISTINCT day FROM orders.idempotency');
      await shop.query(
        `CREATE OR REPLACE FUNCTION orders.today() RETURNS date LANGUAGE sql STABLE AS 'SELECT current_date'`,
      );
      expect(days.length).toBeGreaterThan(1);
      expect(countBy([...outcomes, ...later])).toEqual({ 201: 330 });
      const orders = await Promise.all(customersOfNight.map(ordersOf));
      expect(orders.map((list) => list.length)).toEqual(customersOfNight.map(() => 1));
    }, 30_000);
  });
});
