import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from './canonical-json.js';
import { parseEvent, topicOf } from './events.contract.js';
import { paymentIdOf, uuidv7 } from './ids.js';
import { placeOrderBody } from './order.contract.js';

const orderId = uuidv7();
const confirmed = {
  eventId: uuidv7(),
  type: 'order.confirmed',
  version: 1,
  aggregateId: orderId,
  seq: 2,
  occurredAt: new Date().toISOString(),
  payload: { orderId, paymentId: paymentIdOf(orderId), customerId: 'ada', currency: 'KRW', totalMinor: 1000 },
};

describe(parseEvent.name, () => {
  it('gives a good event back unchanged', () => {
    expect(parseEvent(confirmed)).toEqual(confirmed);
  });

  it.each([
    ['an unknown type', { ...confirmed, type: 'order.exploded' }],
    ['an unknown field', { ...confirmed, surprise: true }],
    ['an unknown payload field', { ...confirmed, payload: { ...confirmed.payload, card: '4111' } }],
    ['a sequence of zero', { ...confirmed, seq: 0 }],
    ['a payload of another type', { ...confirmed, type: 'payment.succeeded' }],
  ])('refuses %s', (_, event) => {
    expect(() => parseEvent(event)).toThrow();
  });
});

describe(topicOf.name, () => {
  it.each([
    ['order.placed', 'order-events'],
    ['payment.succeeded', 'payment-events'],
    ['payment.failed', 'payment-compensation'],
  ] as const)('sends %s to %s', (type, topic) => {
    expect(topicOf(type)).toBe(topic);
  });
});

describe(canonicalJson.name, () => {
  it('is the same text for the same body, whatever order its fields came in', () => {
    const one = { paymentToken: 'tok_ok', items: [{ sku: 'A', quantity: 1 }] };
    const two = { items: [{ quantity: 1, sku: 'A' }], paymentToken: 'tok_ok' };
    expect(canonicalJson(one)).toBe(canonicalJson(two));
    expect(canonicalJson(one)).toBe('{"items":[{"quantity":1,"sku":"A"}],"paymentToken":"tok_ok"}');
  });

  it('keeps the order of lines, which is part of the request', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });
});

describe('placeOrderBody', () => {
  const line = { sku: 'SKU-1', quantity: 1 };
  it.each([
    ['no items', { items: [], paymentToken: 'tok_ok' }],
    [
      '51 items',
      { items: Array.from({ length: 51 }, (_, i) => ({ sku: `S${i}`, quantity: 1 })), paymentToken: 'tok_ok' },
    ],
    ['one SKU twice', { items: [line, line], paymentToken: 'tok_ok' }],
    ['a price from the client', { items: [{ ...line, unitPriceMinor: 1 }], paymentToken: 'tok_ok' }],
    ['a quantity of 100', { items: [{ ...line, quantity: 100 }], paymentToken: 'tok_ok' }],
    ['a NUL byte in a SKU', { items: [{ ...line, sku: 'a\u0000b' }], paymentToken: 'tok_ok' }],
    ['no token', { items: [line] }],
  ])('refuses %s', (_, body) => {
    expect(placeOrderBody.safeParse(body).success).toBe(false);
  });
});
