import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Batcher } from './batcher.js';

function batcher(flush: (items: readonly string[]) => Promise<readonly string[]>) {
  return new Batcher<string, string>({
    flush,
    keyOf: (item) => item.slice(0, 1),
    maxItems: 3,
    isItemsFault: (error) => error === 'bad item',
  });
}

describe(Batcher.name, () => {
  describe('when items come while a batch is under way', () => {
    it('merges them into the next, at most so many, and never two of one key', async () => {
      const batches: string[][] = [];
      const all = batcher(async (items) => {
        batches.push([...items]);
        await turn();
        return items.map((item) => `${item}!`);
      });
      const first = all.add('a1');
      await Promise.resolve();
      const rest = ['a2', 'b1', 'a3', 'c1', 'd1'].map((item) => all.add(item));
      expect(await Promise.all([first, ...rest])).toEqual(['a1!', 'a2!', 'b1!', 'a3!', 'c1!', 'd1!']);
      expect(batches).toEqual([['a1'], ['a2', 'b1', 'c1'], ['a3', 'd1']]);
    });
  });

  describe('when one item is at fault', () => {
    it('does the others alone', async () => {
      const all = batcher(async (items) => {
        if (items.includes('b')) throw 'bad item';
        return items;
      });
      const results = await Promise.allSettled(['a', 'b', 'c'].map((item) => all.add(item)));
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });
  });

  describe('when the batch itself fails', () => {
    it('fails all of it once', async () => {
      let flushes = 0;
      const all = batcher(async () => {
        flushes++;
        throw 'database away';
      });
      await Promise.allSettled(['a', 'b'].map((item) => all.add(item)));
      expect(flushes).toBe(1);
    });
  });
});
