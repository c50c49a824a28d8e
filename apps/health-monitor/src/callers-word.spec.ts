import { describe, expect, it } from '@jest/globals';
import { CallersWord, WINDOW_MS } from './callers-word.js';

describe(CallersWord.name, () => {
  /** Each second both front doors add so many requests to each server, of which so many failed. */
  function word(seconds: number, ...of: { about: string; ended: number; failed: number }[]) {
    const said = new CallersWord();
    for (let second = 0; second <= seconds; second++)
      for (const caller of ['edge-1', 'edge-2'])
        for (const { about, ended, failed } of of)
          said.note({ caller, about, ended: 1_000 + ended * second, failed: failed * second }, second * 1_000);
    return said.against('order-1', ['order-2'], seconds * 1_000);
  }
  const twin = { about: 'order-2', ended: 12, failed: 0 };

  it('accuses a server whose requests fail while those of its twin do not, over all callers', () =>
    expect(word(5, { about: 'order-1', ended: 2, failed: 2 }, twin)).toBe(
      'its callers saw 20 of 20 requests fail in 5 s',
    ));

  it.each([
    ['a few failures prove nothing', 5, { about: 'order-1', ended: 10, failed: 0.3 }, twin],
    ['most of its requests go well', 5, { about: 'order-1', ended: 10, failed: 4 }, twin],
    ['its twin fails as well', 5, { about: 'order-1', ended: 2, failed: 2 }, { ...twin, failed: 6 }],
    ['its twin gets no requests', 5, { about: 'order-1', ended: 2, failed: 2 }, { ...twin, ended: 0 }],
    ['there was one look', 0, { about: 'order-1', ended: 2, failed: 2 }, twin],
  ])('says nothing when %s', (_, seconds, one, other) => expect(word(seconds, one, other)).toBeUndefined());

  it('knows who served a customer between the last two counts, and for how long that is news', () => {
    const said = new CallersWord();
    const note = (ended: number, failed: number, atMs: number) =>
      said.note({ caller: 'edge-1', about: 'order-1', ended, failed }, atMs);
    note(10, 0, 0);
    note(12, 1, 1_000);
    expect(said.isServing('order-1', 1_500)).toBe(true);
    expect(said.isServing('order-1', 3_000)).toBe(false);
    expect(said.isServing('order-2', 1_500)).toBe(false);
    note(14, 3, 2_000);
    expect(said.isServing('order-1', 2_500)).toBe(false);
  });

  it('forgets what is older than its window, and what a caller counted before it started anew', () => {
    const said = new CallersWord();
    const note = (about: string, ended: number, failed: number, atMs: number) =>
      said.note({ caller: 'edge-1', about, ended, failed }, atMs);
    for (const [about, failed] of [
      ['order-1', 50],
      ['order-2', 0],
    ] as const) {
      note(about, 0, 0, 0);
      note(about, 50, failed, 1_000);
    }
    expect(said.against('order-1', ['order-2'], 1_000)).toBeDefined();
    expect(said.against('order-1', ['order-2'], 1_000 + WINDOW_MS + 1)).toBeUndefined();
    note('order-1', 3, 3, 2_000);
    expect(said.against('order-1', ['order-2'], 2_000)).toBeUndefined();
  });
});
