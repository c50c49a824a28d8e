import { describe, expect, it } from '@jest/globals';
import { RecentKeys } from './recent-keys.js';
import { ShedRatio } from './shed-ratio.js';

describe(ShedRatio.name, () => {
  describe('when the event loop runs late, and then on time again', () => {
    it('sends more and more away, never everybody, and opens slowly', () => {
      const shed = new ShedRatio(100);
      for (let n = 0; n < 10; n++) shed.observe(150);
      expect(shed.ratio).toBe(0);
      for (let n = 0; n < 5; n++) shed.observe(150);
      expect(shed.ratio).toBeCloseTo(0.5);
      shed.observe(70);
      expect(shed.ratio).toBeCloseTo(0.5);
      for (let n = 0; n < 50; n++) shed.observe(3_000);
      expect(shed.ratio).toBe(0.95);
      for (let n = 0; n < 100; n++) shed.observe(1);
      expect(shed.ratio).toBe(0);
    });
  });

  describe('when a burst keeps it busy for a moment', () => {
    it('sends nobody away', () => {
      const shed = new ShedRatio(100);
      for (let n = 0; n < 20; n++) {
        shed.observe(1_200);
        shed.observe(1);
      }
      expect(shed.ratio).toBe(0);
    });
  });
});

describe(RecentKeys.name, () => {
  describe('when time passes', () => {
    it('knows a key for the time it is kept, and not for ever', () => {
      let nowMs = 0;
      const keys = new RecentKeys(1_000, () => nowMs);
      keys.add('a');
      nowMs = 999;
      expect(keys.has('a')).toBe(true);
      nowMs = 1_500;
      expect(keys.has('a')).toBe(true);
      nowMs = 3_000;
      expect(keys.has('a')).toBe(false);
      expect(keys.has('b')).toBe(false);
    });
  });
});
