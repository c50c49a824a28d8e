import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OrderView, orderView, problem, productView } from '#libs/contracts';
import { openApiDocument } from '#libs/service-defaults';
import { type OrderService, startOrderService } from '../test/order-service.js';
import { OrderController } from './order.controller.js';
import { ProductController } from './product.controller.js';
import { orderApi } from './service.config.js';

let service: OrderService;
let payment: FakePayment;
let token: string;
let keys = 0;

beforeAll(async () => {
  payment = await startFakePayment();
  service = await startOrderService({
    ORDER_RATE_LIMIT: '200',
    REGISTRY_STATIC: `payment-1@seoul=${payment.url}`,
  });
  token = await service.sign({ subject: 'anna' });
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  payment.close();
});

/** The payment service, as far as the order service calls it: answers, or drops the connection. */
type FakePayment = { url: string; answer: object | undefined; close(): void };
async function startFakePayment(): Promise<FakePayment> {
  const fake: FakePayment = { url: '', answer: undefined, close: () => server.close() };
  const server = createServer((request, response) => {
    if (fake.answer === undefined) request.socket.destroy();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(fake.answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return fake;
}

type Sent = { status: number; headers: Headers; text: string; body: Record<string, unknown> };
async function send(
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string>; as?: string | null } = {},
): Promise<Sent> {
  const { body, headers, as = token } = options;
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(as === null ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: JSON.parse(text || '{}') as Record<string, unknown>,
  };
}
const post = (body: unknown, key = `key-${++keys}`, as: string | null = token): Promise<Sent> =>
  send('POST', '/orders', { body, as, headers: { 'idempotency-key': key } });
const good = { items: [{ sku: 'TF-0001', quantity: 1 }], paymentToken: 'tok_ok' };
const rows = async (): Promise<unknown> => (await service.test.query('SELECT count(*) FROM orders.orders'))[0];

describe(OrderController.name, () => {
  describe('when an order is placed, read, listed and cancelled', () => {
    it('answers as the contract says', async () => {
      const placed = await post(good);
      expect(placed.status).toBe(201);
      expect(placed.headers.get('content-type')).toMatch(/^application\/json/);
      const order = orderView.parse(placed.body);
      const location = placed.headers.get('location');
      expect(location).toBe(`/orders/${order.orderId}`);
      const read = await send('GET', location!);
      expect(read.body).toEqual(order);
      const list = await send('GET', '/orders?limit=1');
      expect(list.body).toMatchObject({ items: [order] });
      const cancelled = await send('POST', `${location}/cancellation`);
      expect(cancelled).toMatchObject({
        status: 200,
        body: { status: 'CANCELLED', cancelReason: 'customer', version: 2 },
      });
      expect((await send('POST', `${location}/cancellation`, { body: {} })).text).toBe(cancelled.text);
      const stranger = await service.sign({ subject: 'berta' });
      expect((await send('GET', location!, { as: stranger })).status).toBe(404);
      expect((await send('POST', `${location}/cancellation`, { as: stranger })).status).toBe(404);
    });

    it('replays byte for byte, with a header that says so, refusals included', async () => {
      const [first, again] = [await post(good, 'same'), await post(good, 'same')];
      expect(again).toMatchObject({ status: 201, text: first.text });
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      expect(first.headers.get('idempotent-replayed')).toBeNull();
      const scarce = { ...good, items: [{ sku: 'TF-0100', quantity: 11 }] };
      const [refused, refusedAgain] = [await post(scarce, 'scarce'), await post(scarce, 'scarce')];
      expect(refused).toMatchObject({ status: 409, body: { code: 'stock-exhausted', sku: 'TF-0100' } });
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(refusedAgain).toMatchObject({ status: 409, text: refused.text });
    });
  });

  describe('when somebody asks how a payment stands', () => {
    it('says what payment says now, and what the order last heard, marked stale, when payment does not answer', async () => {
      const placed = await post(good);
      const order = orderView.parse(placed.body);
      const path = `/orders/${order.orderId}/payment`;
      const { paymentId } = order.payment;
      payment.answer = { paymentId, status: 'PROCESSING', provider: 'psp-acme', attempts: 1 };
      expect((await send('GET', path)).body).toEqual({
        paymentId,
        status: 'PROCESSING',
        provider: 'psp-acme',
        stale: false,
      });
      payment.answer = undefined;
      expect((await send('GET', path)).body).toEqual({ paymentId, status: 'REQUESTED', stale: true });
      expect((await send('GET', path, { as: await service.sign({ subject: 'berta' }) })).status).toBe(404);
    });
  });

  describe('when the request is bad', () => {
    it.each([
      ['no items', { ...good, items: [] }, 400],
      ['no body', '', 400],
      ['null', 'null', 400],
      ['broken JSON', '{"items":', 400],
      ['an unknown field', { ...good, price: 1 }, 400],
      ['a price', { ...good, items: [{ sku: 'TF-0001', quantity: 1, unitPriceMinor: 1 }] }, 400],
      ['a huge quantity', { ...good, items: [{ sku: 'TF-0001', quantity: 1e300 }] }, 400],
      ['quantity 100', { ...good, items: [{ sku: 'TF-0001', quantity: 100 }] }, 400],
      ['a SKU twice', { ...good, items: [...good.items, ...good.items] }, 400],
      ['51 SKUs', { ...good, items: Array.from({ length: 51 }, (_, n) => ({ sku: `s${n}`, quantity: 1 })) }, 400],
      ['SQL in the SKU', { ...good, items: [{ sku: `'; DROP TABLE orders; --`, quantity: 1 }] }, 400],
      ['NUL in the token', { ...good, paymentToken: 'tok_\u0000' }, 400],
      ['an unknown SKU', { ...good, items: [{ sku: 'TF-9999', quantity: 1 }] }, 404],
      ['64 kB and more', { ...good, paymentToken: `tok_${'a'.repeat(65_536)}` }, 413],
    ])('%s is refused, and nothing is written', async (_, body, status) => {
      const before = await rows();
      const refused = await post(body);
      expect(refused.status).toBe(status);
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(problem.parse(refused.body).correlationId).toBe(refused.headers.get('x-correlation-id'));
      expect(await rows()).toEqual(before);
    });

    it('needs a usable key, a good token and JSON', async () => {
      expect((await send('POST', '/orders', { body: good })).body).toMatchObject({ code: 'idempotency-key-missing' });
      expect((await post(good, 'k'.repeat(256))).status).toBe(400);
      expect((await post(good, 'k'.repeat(255))).status).toBe(201);
      expect((await post(good, 'k', null)).status).toBe(401);
      expect((await post(good, 'k', await service.sign({ subject: 'anna', audience: 'other' }))).status).toBe(401);
      const form = { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': 'f' };
      expect((await send('POST', '/orders', { body: 'a=b', headers: form })).status).toBe(415);
      expect((await send('GET', '/orders?limit=0')).status).toBe(400);
      expect((await send('GET', '/orders?limit=101')).status).toBe(400);
      expect((await send('GET', '/orders?after=x')).status).toBe(400);
      expect((await send('GET', '/orders/%00')).status).toBe(400);
      expect((await send('GET', '/orders/nonsense')).status).toBe(404);
    });

    it('uses no key up: the same key places the order once the body is right', async () => {
      expect((await post({ ...good, items: [{ sku: 'TF-9999', quantity: 1 }] }, 'corrected')).status).toBe(404);
      expect((await post(good, 'corrected')).status).toBe(201);
      expect((await post({ ...good, paymentToken: 'tok_declined' }, 'corrected')).status).toBe(422);
    });
  });

  describe('when one customer asks too often', () => {
    it('answers 429 with Retry-After to that customer only', async () => {
      const busy = await service.sign({ subject: 'busy' });
      const answers = await Promise.all(Array.from({ length: 250 }, () => send('GET', '/orders', { as: busy })));
      const refused = answers.filter((answer) => answer.status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(50);
      expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await send('GET', '/orders', { as: await service.sign({ subject: 'calm' }) })).status).toBe(200);
    });
  });
});

describe(ProductController.name, () => {
  describe('when someone without a token looks around', () => {
    it('shows pages by SKU, single products, and stock at most 1 s old', async () => {
      const first = await send('GET', '/products?limit=100', { as: null });
      const second = await send('GET', `/products?limit=100&after=${String(first.body['next'])}`, { as: null });
      const skus = [first, second].flatMap((page) => (page.body['items'] as Array<{ sku: string }>).map((p) => p.sku));
      expect(skus).toEqual(Array.from({ length: 120 }, (_, n) => `TF-${String(n + 1).padStart(4, '0')}`));
      expect(second.body['next']).toBeUndefined();
      const before = productView.parse((await send('GET', '/products/TF-0050', { as: null })).body);
      await post({ ...good, items: [{ sku: 'TF-0050', quantity: 7 }] });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const after = productView.parse((await send('GET', '/products/TF-0050', { as: null })).body);
      expect(after.available).toBe(before.available - 7);
      expect((await send('GET', '/products/none', { as: null })).body).toMatchObject({
        status: 404,
        code: 'unknown-sku',
      });
    });
  });
});

describe('order service', () => {
  describe('when it is looked at', () => {
    it('says how it is, and describes its interface as committed in docs/openapi.json', async () => {
      expect((await send('GET', '/health/live', { as: null })).status).toBe(200);
      expect((await send('GET', '/health/ready', { as: null })).status).toBe(200);
      expect((await send('GET', '/docs-json', { as: null })).body).toMatchObject({ info: { title: orderApi.title } });
      const document = JSON.parse(JSON.stringify(openApiDocument(service.app, orderApi))) as unknown;
      // Cure when it differs: curl -s localhost:8080/docs-json > docs/openapi.json
      const committed: unknown = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
      expect(committed).toEqual(document);
    });
  });

  describe('when many orders come at once', () => {
    it('has every order in the database that it answered for', async () => {
      const placed = (await Promise.all(Array.from({ length: 50 }, () => post(good)))).map(
        (sent) => sent.body as unknown as OrderView,
      );
      const found = await service.test.query('SELECT 1 FROM orders.orders WHERE order_id = ANY ($1::uuid[])', [
        placed.map((order) => order.orderId),
      ]);
      expect(found).toHaveLength(50);
    });
  });
});
