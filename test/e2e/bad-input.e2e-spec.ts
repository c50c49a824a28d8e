import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { MAX_BODY_BYTES, type OrderView, type Page, type Problem } from '#libs/contracts';
import { LiteSystem, Shopper } from '../support/lite-system.js';

const good = { items: [{ sku: 'TF-0001', quantity: 1 }], paymentToken: 'tok_ok' };

describe('bad input', () => {
  let system: LiteSystem;
  let mallory: Shopper;
  let token: string;

  beforeAll(async () => {
    system = await LiteSystem.start();
    token = await system.token('mallory');
    mallory = new Shopper(system.door(), token);
  }, 300_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  const expectProblem = async (answer: Response, status: number, code?: string) => {
    const problem = (await answer.json()) as Problem;
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toMatchObject({
      status,
      type: expect.stringContaining('application/problem+json'),
    });
    expect(problem).toMatchObject({ status, code: code ?? expect.any(String), correlationId: expect.any(String) });
    expect(problem.detail?.length).toBeGreaterThan(10);
  };

  it.each<[string, unknown, number]>([
    ['an empty body', '', 400],
    ['broken JSON', '{"items": [', 400],
    ['an array', [], 400],
    ['no items', { ...good, items: [] }, 400],
    ['a string for a quantity', { ...good, items: [{ sku: 'TF-0001', quantity: '1' }] }, 400],
    ['half a piece', { ...good, items: [{ sku: 'TF-0001', quantity: 0.5 }] }, 400],
    ['minus one piece', { ...good, items: [{ sku: 'TF-0001', quantity: -1 }] }, 400],
    ['100 pieces', { ...good, items: [{ sku: 'TF-0001', quantity: 100 }] }, 400],
    ['1e308 pieces', '{"items":[{"sku":"TF-0001","quantity":1e308}],"paymentToken":"tok_ok"}', 400],
    ['a price from the client', { ...good, items: [{ sku: 'TF-0001', quantity: 1, unitPriceMinor: 1 }] }, 400],
    ['an unknown field', { ...good, coupon: 'FREE' }, 400],
    ['a NUL byte', '{"items":[{"sku":"TF-\\u00000001","quantity":1}],"paymentToken":"tok_ok"}', 400],
    ['SQL in a SKU', { ...good, items: [{ sku: "'; DROP TABLE orders; --", quantity: 1 }] }, 400],
    ['__proto__', '{"__proto__":{"x":1},"items":[{"sku":"TF-0001","quantity":1}],"paymentToken":"tok_ok"}', 400],
    ['no payment token', { items: good.items }, 400],
    ['the number of a card', { ...good, paymentToken: '4111111111111111' }, 400],
    ['a SKU that is not there', { ...good, items: [{ sku: 'NO-SUCH', quantity: 1 }] }, 404],
    ['one byte over the limit', 'x'.repeat(MAX_BODY_BYTES + 1), 413],
  ])('is refused: %s', async (_, body, status) => {
    await expectProblem(await mallory.place(randomUUID(), body), status);
  });

  it.each<[string, Record<string, string>, number]>([
    ['no key', { 'idempotency-key': '' }, 400],
    ['a key of 256 characters', { 'idempotency-key': 'k'.repeat(256) }, 400],
    ['another content type', { 'content-type': 'text/plain' }, 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('is refused in headers: %s', async (_, headers, status) => {
    await expectProblem(await mallory.place(randomUUID(), good, headers), status);
  });

  it.each([
    '/orders?limit=0',
    '/orders?limit=101',
    '/orders?limit=abc',
    '/orders?after=%00',
    '/products?limit=1e9',
    '/orders?x=1',
  ])('is refused in a query: %s', async (path) => {
    await expectProblem(await mallory.get(path), 400);
  });

  it.each(['/orders/not-a-uuid', "/orders/'%20OR%201=1--", '/products/NO-SUCH', '/no/such/route', '/orders/%00'])(
    'finds nothing at %s',
    async (path) => {
      const answer = await mallory.get(path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      await expectProblem(answer, answer.status);
      expect([400, 404]).toContain(answer.status);
    },
  );

  describe('as a forged identity', () => {
    const forge = async (claims: { iss?: string; aud?: string; exp?: string }, sign = generateKeyPair('ES256')) => {
      const { privateKey, publicKey } = await sign;
      const jwk = await exportJWK(publicKey);
      return new SignJWT({ sub: 'mallory' })
        .setProtectedHeader({ alg: 'ES256', kid: 'twofold-lite', jwk })
        .setIssuer(claims.iss ?? 'twofold')
        .setAudience(claims.aud ?? 'twofold')
        .setIssuedAt()
        .setExpirationTime(claims.exp ?? '1h')
        .sign(privateKey);
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

    it.each<[string, () => Promise<string> | string]>([
      ['no token', () => ''],
      ['garbage', () => 'garbage'],
      ['alg none', () => `${part({ alg: 'none' })}.${part({ sub: 'mallory', iss: 'twofold', aud: 'twofold' })}.`],
      ['another key', () => forge({})],
      [
        'a changed payload',
        () => token.replace(/\.[^.]+\./, `.${part({ sub: 'ada', iss: 'twofold', aud: 'twofold' })}.`),
      ],
      ['a cut signature', () => token.slice(0, -4)],
    ])('is refused: %s', async (_, make) => {
      const answer = await new Shopper(system.door(), await make()).place(randomUUID(), good);
      await expectProblem(answer, 401);
    });

    it('is refused: expired', async () => {
      const { stdout } = await system.command('token', '--customer', 'mallory', '--expires-in', '1s');
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await expectProblem(await new Shopper(system.door(), stdout.trim()).place(randomUUID(), good), 401);
    });
  });

  it('cannot smuggle a header or break the parser', async () => {
    const { port } = new URL(system.door());
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('GET /orders HTTP/1.1\r\nHost: x\r\nBad Header: \0\r\n\r\n'),
      );
      socket.setTimeout(5_000, () => socket.destroy());
      socket.once('data', (bytes) => {
        resolve(bytes.toString());
        socket.destroy();
      });
      socket.once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('answers an unsupported method with a problem', async () => {
    const headers = { authorization: `Bearer ${token}` };
    await expectProblem(await fetch(`${system.door()}/orders`, { method: 'DELETE', headers }), 404);
  });

  it('has written nothing, and the shop still works', async () => {
    const orders = (await (await mallory.get('/orders')).json()) as Page<OrderView>;
    expect(orders.items).toEqual([]);
    expect((await mallory.place(randomUUID(), good)).status).toBe(201);
  });
});
