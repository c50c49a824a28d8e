import { describe, expect, it } from '@jest/globals';
import { RestartBackoff } from './restart-backoff.js';

describe(RestartBackoff.name, () => {
  describe('when a process keeps dying', () => {
    it('doubles from 1 s and stays at 30 s', () => {
      const backoff = new RestartBackoff();
      const delays = Array.from({ length: 7 }, () => backoff.delayAfterExit(0));
      expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    });
  });

  describe('when it was healthy for 10 s in between', () => {
    it('begins at 1 s again, but not after 9.9 s', () => {
      const backoff = new RestartBackoff();
      backoff.delayAfterExit(0);
      expect(backoff.delayAfterExit(9_900)).toBe(2_000);
      expect(backoff.delayAfterExit(10_000)).toBe(1_000);
      expect(backoff.delayAfterExit(0)).toBe(2_000);
    });
  });
});
