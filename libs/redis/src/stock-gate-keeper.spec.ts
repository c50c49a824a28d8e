import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStockGate } from './memory-stock-gate.js';
import { GATE_TTL_MS } from './stock-gate.js';
import { StockGateKeeper } from './stock-gate-keeper.js';

const settings = { gateCorrectMs: 1_000, gateHotPerSecond: 1 };
const one = [{ sku: 'HOT', quantity: 1 }];

/** A shop as the gate sees it: the database decides, the gate only keeps orders away. */
class Shop {
  free = 5;
  sold = 0;

  constructor(private readonly gate: MemoryStockGate) {}

  async order(): Promise<'sold' | 'refused'> {
    const verdict = await this.gate.admit(one);
    // R2: a gate's refusal is final only when the primary confirms it, so the database is asked either way.
    if (this.free < 1) {
      if (verdict === 'admitted') await this.gate.giveBack(one);
      return 'refused';
    }
    this.free -= 1;
    this.sold += 1;
    return 'sold';
  }
}

describe(StockGateKeeper.name, () => {
  describe('when Redis lost its memory or came back with an old one, at any moment', () => {
    it('neither oversells nor loses a piece, and is right again after one correction', async () => {
      const step = fc.constantFrom('order', 'order', 'correct', 'forget', 'too-high', 'too-low', 'restock');
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          let nowMs = 0;
          const gate = new MemoryStockGate(() => nowMs);
          const shop = new Shop(gate);
          const keeper = new StockGateKeeper(gate, async () => new Map([['HOT', shop.free]]), settings);
          let stocked = shop.free;
          for (const each of steps) {
            keeper.note(['HOT', 'HOT']);
            if (each === 'order') await shop.order();
            if (each === 'correct') await keeper.correct();
            if (each === 'forget') nowMs += GATE_TTL_MS;
            if (each === 'too-high') await gate.correct(new Map([['HOT', 99]]));
            if (each === 'too-low') await gate.correct(new Map([['HOT', 0]]));
            if (each === 'restock') {
              shop.free += 1;
              stocked += 1;
            }
            expect(shop.free).toBeGreaterThanOrEqual(0);
            expect(shop.free + shop.sold).toBe(stocked);
          }
          keeper.note(['HOT', 'HOT']);
          await keeper.correct();
          expect(await gate.admit(one)).toBe(shop.free > 0 ? 'admitted' : 'refused');
        }),
      );
    });
  });

  describe('when a SKU is not hot', () => {
    it('leaves it without a gate', async () => {
      const gate = new MemoryStockGate(() => 0);
      const keeper = new StockGateKeeper(gate, async (skus) => new Map(skus.map((sku) => [sku, 1])), settings);
      keeper.note(['COLD']);
      await keeper.correct();
      expect(await gate.admit([{ sku: 'COLD', quantity: 1 }])).toBe('bypassed');
    });
  });

  describe('when the database cannot be read', () => {
    it('goes on, and the counters end by themselves', async () => {
      let nowMs = 0;
      const gate = new MemoryStockGate(() => nowMs);
      await gate.correct(new Map([['HOT', 0]]));
      const keeper = new StockGateKeeper(gate, () => Promise.reject(new Error('no primary')), settings);
      keeper.note(['HOT', 'HOT']);
      await expect(keeper.correct()).resolves.toBeUndefined();
      expect(await gate.admit(one)).toBe('refused');
      nowMs += GATE_TTL_MS;
      expect(await gate.admit(one)).toBe('bypassed');
    });
  });
});
