import { describe, expect, it } from '@jest/globals';
import { AdmissionLimit } from './admission-limit.js';

const MAX = 1_000;
const settings = { maxOrders: MAX, targetWaitMs: 100, burstMs: 500 };

/** Batches of 50 that come back every 20 ms: 2.5 orders per ms, of which 250 fit into the target wait. */
function flow(batches: number, oldestWaitMs: number) {
  let nowMs = 0;
  const limit = new AdmissionLimit(settings, () => nowMs);
  const go = (count: number, waitMs: number): void => {
    for (let n = 0; n < count; n++) {
      nowMs += 20;
      limit.batchReturned(50, waitMs);
    }
  };
  go(batches, oldestWaitMs);
  return { limit, go };
}

describe(AdmissionLimit.name, () => {
  describe('when a burst fills the queue for a moment', () => {
    it('lets everybody in', () => {
      expect(flow(20, 300).limit.limit).toBe(MAX);
    });
  });

  describe('when the queue stands', () => {
    it('lets in what is placed within the target wait, and sends the rest away', () => {
      const { limit } = flow(60, 300);
      expect(limit.limit).toBeGreaterThan(200);
      expect(limit.limit).toBeLessThan(300);
      const letIn = Array.from({ length: MAX }, () => limit.tryEnter()).filter(Boolean);
      expect(letIn).toHaveLength(limit.limit);
      limit.leave();
      expect(limit.tryEnter()).toBe(true);
    });

    it('keeps the queue short while it is full, and opens again when it is gone', () => {
      const { limit, go } = flow(60, 300);
      go(50, 90);
      expect(limit.limit).toBeLessThan(300);
      go(1, 10);
      expect(limit.limit).toBe(MAX);
    });
  });

  describe('when the database fails over, so that no batch returns', () => {
    it('lets orders wait up to the hard limit', () => {
      const { limit } = flow(5, 10);
      expect(Array.from({ length: MAX + 5 }, () => limit.tryEnter()).filter(Boolean)).toHaveLength(MAX);
    });
  });
});
