import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { config, InjectConfig, setting } from '#libs/config';
import { MAX_BODY_BYTES, pageQuery, placeOrderBody, problem, sku } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { captureLog, RequestContext } from '#libs/telemetry';
import { createService, openApiDocument, type Service } from './index.js';

const shopConfig = config('shop', { greeting: setting(z.string(), 'hello', 'What it says.') });

@Controller()
class ShopController {
  constructor(@InjectConfig(shopConfig) private readonly shop: { greeting: string }) {}

  @Post('orders')
  place(@Body({ schema: placeOrderBody }) body: z.infer<typeof placeOrderBody>) {
    return { lines: body.items.length, correlationId: RequestContext.current().correlationId };
  }

  @Get('products')
  list(@Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>) {
    return { limit: query.limit, greeting: this.shop.greeting };
  }

  @Get('products/:sku')
  find(@Param('sku', { schema: sku }) code: string) {
    return { code };
  }

  @Get('failures/:kind')
  fail(@Param('kind') kind: string) {
    if (kind === 'busy')
      throw new AppError({ code: 'overloaded', kind: 'overloaded', message: 'Busy.', retryAfterMs: 1200 });
    throw new Error('password of the database is hunter2');
  }
}

@Module({ controllers: [ShopController] })
class ShopModule {}

const api = { title: 'Shop', description: 'A shop.', version: '1' };
const order = { items: [{ sku: 'sku-1', quantity: 1 }], paymentToken: 'tok_ok' };

describe(createService.name, () => {
  let service: Service;
  let url: string;
  const lines: string[] = [];
  const restore = captureLog((line) => lines.push(line));

  beforeAll(async () => {
    service = await createService(
      ShopModule,
      { name: 'shop', config: { shop: shopConfig }, docs: api },
      { HTTP_PORT: '0' },
    );
    await service.app.listen(0, '127.0.0.1');
    url = await service.app.getUrl();
  });
  afterAll(async () => {
    await service.app.close();
    restore();
  });

  const post = (body: string | Buffer, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${url}/orders`, { method: 'POST', body: body as string, headers });

  describe('when a request is good', () => {
    it('runs it in its context and echoes the correlation id', async () => {
      const answer = await post(JSON.stringify(order), {
        'content-type': 'application/json',
        'x-correlation-id': 'c-7',
      });
      expect(answer.status).toBe(201);
      expect(answer.headers.get('x-correlation-id')).toBe('c-7');
      expect(await answer.json()).toEqual({ lines: 1, correlationId: 'c-7' });
    });

    it('fills in defaults of the schema and injects settings', async () => {
      expect(await (await fetch(`${url}/products`)).json()).toEqual({ limit: 20, greeting: 'hello' });
    });

    it('makes a correlation id of its own when the one sent is not harmless', async () => {
      const answer = await fetch(`${url}/products`, { headers: { 'x-correlation-id': 'a b"}' } });
      expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  describe('when input is bad', () => {
    const json = (value: unknown) => () => post(JSON.stringify(value));
    it.each<[string, () => Promise<Response>, number, string, RegExp]>([
      [
        'a wrong type',
        json({ ...order, items: [{ sku: 'a', quantity: '1' }] }),
        400,
        'invalid-request',
        /items\.0\.quantity: expected number/,
      ],
      [
        'a huge quantity',
        json({ ...order, items: [{ sku: 'a', quantity: 1e15 }] }),
        400,
        'invalid-request',
        /items\.0\.quantity: .*99/,
      ],
      ['an unknown field', json({ ...order, price: 1 }), 400, 'invalid-request', /unknown field.*price/],
      ['a missing field', json({ items: order.items }), 400, 'invalid-request', /paymentToken: is missing/],
      [
        'SQL in a SKU',
        json({ ...order, items: [{ sku: "'; DROP TABLE stock; --", quantity: 1 }] }),
        400,
        'invalid-request',
        /items\.0\.sku/,
      ],
      [
        'a NUL byte in a SKU',
        json({ ...order, items: [{ sku: 'a\u0000', quantity: 1 }] }),
        400,
        'invalid-request',
        /items\.0\.sku/,
      ],
      ['a prototype in the body', () => post('{"__proto__":{"a":1},"items":[]}'), 400, 'malformed-request', /./],
      ['an array for an object', json([]), 400, 'invalid-request', /body: expected object/],
      ['null for an object', json(null), 400, 'invalid-request', /body: expected object/],
      ['a list of nothing', json({ ...order, items: [] }), 400, 'invalid-request', /items/],
      ['no body', () => fetch(`${url}/orders`, { method: 'POST' }), 400, 'invalid-request', /body: is missing/],
      ['an empty body', () => post(''), 400, 'malformed-request', /body is empty/],
      ['broken JSON', () => post('{"items":['), 400, 'malformed-request', /not well-formed JSON/],
      ['65,536 + 1 bytes', () => post(`"${'a'.repeat(MAX_BODY_BYTES - 1)}"`), 413, 'body-too-large', /65,536/],
      [
        'text/plain',
        () => post('hello', { 'content-type': 'text/plain' }),
        415,
        'unsupported-media-type',
        /application\/json/,
      ],
      [
        'a form',
        () => post('a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
        415,
        'unsupported-media-type',
        /JSON/,
      ],
      ['no content type', () => post(Buffer.from('{}'), {}), 415, 'unsupported-media-type', /JSON/],
      ['a broken content type', () => post('{}', { 'content-type': 'json;;=' }), 415, 'unsupported-media-type', /JSON/],
      ['an unknown path', () => fetch(`${url}/nothing`), 404, 'route-not-found', /\/docs/],
      ['an unknown method', () => fetch(`${url}/orders`, { method: 'PUT' }), 404, 'route-not-found', /PUT/],
      ['bad percent encoding', () => fetch(`${url}/products/%E0%A4%A`), 400, 'malformed-request', /percent/],
      ['an encoded NUL byte', () => fetch(`${url}/products/a%00`), 400, 'malformed-request', /NUL/],
      ['an encoded NUL byte in a query', () => fetch(`${url}/products?after=%00`), 400, 'malformed-request', /NUL/],
      [
        'a path part that is too long',
        () => fetch(`${url}/products/${'a'.repeat(200)}`),
        400,
        'malformed-request',
        /128/,
      ],
      ['a limit that is too large', () => fetch(`${url}/products?limit=101`), 400, 'invalid-request', /limit: .*100/],
      ['a limit that is no number', () => fetch(`${url}/products?limit=x`), 400, 'invalid-request', /limit/],
      ['a limit sent twice', () => fetch(`${url}/products?limit=1&limit=2`), 400, 'invalid-request', /limit/],
      ['an unknown parameter', () => fetch(`${url}/products?page=2`), 400, 'invalid-request', /page/],
    ])('answers %s with a problem', async (_, send, ...[status, code, detail]) => {
      const answer = await send();
      const body = problem.parse(await answer.json());
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect({ status: answer.status, code: body.code }).toEqual({ status, code });
      expect(body.detail).toMatch(detail);
      expect(body.correlationId).toBe(answer.headers.get('x-correlation-id'));
    });

    it.each([
      ['a header with a NUL byte', 'GET /products HTTP/1.1\r\nhost: a\r\nx-a: b\u0000c\r\n\r\n', 400],
      ['a header without colon', 'GET /products HTTP/1.1\r\nhost: a\r\nnonsense\r\n\r\n', 400],
      ['no HTTP at all', 'hello\r\n\r\n', 400],
      ['20 kB of headers', `GET /products HTTP/1.1\r\nhost: a\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
    ])('answers %s on the wire with a problem', async (_, bytes, status) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
      socket.write(bytes);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      await once(socket, 'close');
      expect(text).toContain(`HTTP/1.1 ${status} `);
      expect(problem.parse(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).status).toBe(status);
    });
  });

  describe('when the fault is ours', () => {
    it('answers 500 without a word about its inside, and logs the cause', async () => {
      lines.length = 0;
      const answer = await fetch(`${url}/failures/bug`);
      const text = await answer.text();
      expect(answer.status).toBe(500);
      expect(text).not.toContain('hunter2');
      expect(JSON.parse(text).code).toBe('internal-error');
      expect(lines.join('')).toContain('hunter2');
      expect(lines.join('')).toContain(JSON.parse(text).correlationId);
    });
  });

  describe('when trying again helps', () => {
    it('says in whole seconds, rounded up, when', async () => {
      const answer = await fetch(`${url}/failures/busy`);
      expect({ status: answer.status, after: answer.headers.get('retry-after') }).toEqual({ status: 429, after: '2' });
    });
  });

  describe('when asked to describe itself', () => {
    it('derives the body and its limits from the zod schema', async () => {
      const document = openApiDocument(service.app, api);
      expect(JSON.stringify(document.paths['/orders'])).toContain('"maximum":99');
      expect((await fetch(`${url}/docs`)).status).toBe(200);
      expect(await (await fetch(`${url}/docs-json`)).json()).toEqual(JSON.parse(JSON.stringify(document)));
    });
  });
});
