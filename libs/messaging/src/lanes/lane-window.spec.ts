import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { handleWindow } from './lane-window.js';

const keyOf = (record: string) => record.charAt(0);

describe(handleWindow, () => {
  it('handles each key in order, one at a time, and different keys beside each other', async () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(letters, async (keys) => {
        const records = keys.map((key, n) => `${key}${n}`);
        const running = new Set<string>();
        const handled: string[] = [];
        const end = await handleWindow(records, keyOf, async (record) => {
          expect(running.has(keyOf(record))).toBe(false);
          running.add(keyOf(record));
          await turn();
          running.delete(keyOf(record));
          handled.push(record);
        });
        expect(end).toEqual({ done: records.length });
        for (const key of new Set(keys))
          expect(handled.filter((each) => keyOf(each) === key)).toEqual(records.filter((each) => keyOf(each) === key));
      }),
      { numRuns: 50 },
    );
  });

  it('ends before the first that failed, and begins nothing after a failure of its key', async () => {
    const begun: string[] = [];
    const end = await handleWindow(['a1', 'b1', 'a2', 'b2', 'c1'], keyOf, async (record) => {
      begun.push(record);
      if (record === 'b1') throw new Error('no primary');
    });
    expect(end).toEqual({ done: 1, failed: { record: 'b1', error: new Error('no primary') } });
    expect(begun.sort()).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  it('reports the earliest of several failures', async () => {
    const end = await handleWindow(['a1', 'b1'], keyOf, async (record) => {
      if (record === 'a1') await turn();
      throw new Error(record);
    });
    expect(end).toEqual({ done: 0, failed: { record: 'a1', error: new Error('a1') } });
  });
});
