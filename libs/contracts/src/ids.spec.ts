import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUuid, madeAtMs, paymentIdOf, uuidv7 } from './ids.js';
import { laneOf } from './lane.js';
import { LANES } from './topics.js';

describe(uuidv7.name, () => {
  it('orders by time, byte by byte', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), fc.integer({ min: 1, max: 1e9 }), (ms, later) => {
        expect(uuidv7(ms) < uuidv7(ms + later)).toBe(true);
      }),
    );
  });

  it('is a valid UUID of version 7', () => {
    const id = uuidv7();
    expect(isUuid(id)).toBe(true);
    expect(id[14]).toBe('7');
  });
});

describe(paymentIdOf.name, () => {
  it('is the same for ever for one order, and another for every other (R17)', () => {
    const orders = Array.from({ length: 10_000 }, () => uuidv7());
    const payments = orders.map(paymentIdOf);
    expect(payments).toEqual(orders.map(paymentIdOf));
    expect(new Set(payments).size).toBe(orders.length);
    expect(payments.every(isUuid)).toBe(true);
  });

  it('keeps the time of its order, so that payments lie on disk like their orders', () => {
    const order = uuidv7();
    expect(paymentIdOf(order).slice(0, 13)).toBe(order.slice(0, 13));
  });
});

describe(madeAtMs.name, () => {
  it('reads the time of an order and of its payment', () => {
    const order = uuidv7(1_700_000_000_123);
    expect([order, paymentIdOf(order)].map(madeAtMs)).toEqual([1_700_000_000_123, 1_700_000_000_123]);
  });
});

describe(laneOf.name, () => {
  it('spreads orders evenly over all lanes', () => {
    const counts = new Array<number>(LANES).fill(0);
    for (let i = 0; i < 24_000; i++) counts[laneOf(uuidv7())]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(1_700);
    expect(Math.max(...counts)).toBeLessThan(2_300);
  });

  it('never changes for an id: events of running systems lie where it says', () => {
    expect(['a', 'b', 'order'].map(laneOf)).toEqual([4, 1, 11]);
  });
});
