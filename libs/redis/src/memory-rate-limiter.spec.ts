import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryRateLimiter } from './memory-rate-limiter.js';

const WINDOW_MS = 1_000;
const LIMIT = 10;

describe(MemoryRateLimiter.name, () => {
  describe('when calls come at any times', () => {
    it('never lets more than twice the limit through in any window, and the limit when they come evenly', async () => {
      const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(gaps, async (pausesMs) => {
          let nowMs = 5_000;
          const limiter = new MemoryRateLimiter(() => nowMs);
          const allowedAtMs: number[] = [];
          for (const pauseMs of pausesMs) {
            nowMs += pauseMs;
            if ((await limiter.take('ada', LIMIT, WINDOW_MS)).allowed) allowedAtMs.push(nowMs);
          }
          for (const startMs of allowedAtMs) {
            const inWindow = allowedAtMs.filter((atMs) => atMs >= startMs && atMs < startMs + WINDOW_MS).length;
            expect(inWindow).toBeLessThan(2 * LIMIT);
          }
        }),
      );
    });

    it('says when to come again, and lets that call through', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 5_000 }),
          fc.integer({ min: 1, max: 30 }),
          async (startMs, calls) => {
            let nowMs = startMs;
            const limiter = new MemoryRateLimiter(() => nowMs);
            for (let i = 0; i < calls; i++) {
              const decision = await limiter.take('ada', LIMIT, WINDOW_MS);
              if (decision.allowed) continue;
              expect(decision.retryAfterMs).toBeLessThanOrEqual(2 * WINDOW_MS);
              nowMs += decision.retryAfterMs;
              expect(await limiter.take('ada', LIMIT, WINDOW_MS)).toEqual({ allowed: true });
            }
          },
        ),
      );
    });
  });

  describe('when there are more keys than it remembers', () => {
    it('forgets the oldest, lets it through, and stays small', async () => {
      const limiter = new MemoryRateLimiter(() => 0, 2);
      const take = (key: string) => limiter.take(key, 1, WINDOW_MS);
      await take('a');
      expect((await take('a')).allowed).toBe(false);
      await take('b');
      await take('c');
      expect((await take('a')).allowed).toBe(true);
    });
  });
});
