import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { captureLog, configureLogging, logger, RequestContext } from './index.js';

describe(logger.name, () => {
  const lines: string[] = [];
  let restore: () => void;
  const log = logger('spec');
  beforeAll(() => {
    restore = captureLog((line) => lines.push(line));
    configureLogging({ service: 'order-1', site: 'seoul', level: 'info', format: 'json' });
  });
  afterAll(() => restore());

  const written = (write: () => void): string => {
    lines.length = 0;
    write();
    return lines.join('');
  };

  describe('inside a request', () => {
    it('says who logs and for which request', () => {
      const line = written(() => RequestContext.run({ correlationId: 'c-1' }, () => log.info({ n: 1 }, 'done')));
      expect(JSON.parse(line)).toMatchObject({
        level: 'info',
        service: 'order-1',
        site: 'seoul',
        name: 'spec',
        correlationId: 'c-1',
        n: 1,
        msg: 'done',
      });
    });
  });

  describe('when a line would carry card-like data', () => {
    it.each([
      ['a redacted member', () => log.info({ paymentToken: 'anything' }, 'x'), 'anything'],
      ['a nested member', () => log.info({ body: { password: 'hunter2' } }, 'x'), 'hunter2'],
      ['a payment token in a text', () => log.info({ why: 'bad tok_ok_secret given' }, 'x'), 'ok_secret'],
      ['a card number', () => log.error({ err: new Error('card 4111 1111 1111 1111 refused') }, 'x'), '1111 1111'],
      ['a bearer token', () => log.info({ why: 'Bearer eyJhbGci.eyJzdWIi.c2ln' }, 'x'), 'c2ln'],
    ])('removes %s', (_, write, forbidden) => {
      const line = written(write);
      expect(line).toContain('[redacted]');
      expect(line).not.toContain(forbidden);
    });

    it('leaves ids and amounts alone', () => {
      const orderId = '01932f4e-1111-7111-8111-411111111111';
      expect(written(() => log.info({ orderId, totalMinor: 4_111_111 }, 'x'))).toContain(orderId);
    });
  });
});

describe(RequestContext.name, () => {
  describe('when the caller sent a trace', () => {
    it('continues it with a span of its own, the same one each time it is asked', () => {
      const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
      RequestContext.run({ traceparent: parent }, () => {
        const { traceparent } = RequestContext.current();
        expect(traceparent).toMatch(/^00-a{32}-[0-9a-f]{16}-01$/);
        expect(traceparent).not.toBe(parent);
        expect(RequestContext.current().traceparent).toBe(traceparent);
      });
    });
  });

  describe('when there is no context, or a broken trace', () => {
    it('starts a new trace and correlation', () => {
      expect(RequestContext.current().correlationId).toMatch(/^[0-9a-f-]{36}$/);
      RequestContext.run({ traceparent: 'junk' }, () =>
        expect(RequestContext.current().traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
      );
    });
  });
});
