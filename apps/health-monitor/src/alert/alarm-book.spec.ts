import { describe, expect, it } from '@jest/globals';
import { alarm } from './alarm.js';
import { type AlarmBook, turnPage } from './alarm-book.js';

const out = alarm('instance-out', 'order-2', 'order-2 is set aside.');
const lag = alarm('replication-lag', 'pg-2', 'pg-2 is behind.');

describe(turnPage.name, () => {
  it('raises an alarm once, however often it is found, and resolves it once when it is over', () => {
    let book: AlarmBook = new Map();
    const news: string[] = [];
    for (let nowMs = 0; nowMs <= 40_000; nowMs += 250) {
      const turned = turnPage(book, nowMs < 20_000 ? [out] : [], nowMs);
      book = turned.book;
      for (const { key } of turned.raised) news.push(`${nowMs} raised ${key}`);
      for (const { key } of turned.resolved) news.push(`${nowMs} resolved ${key}`);
    }
    expect(news).toEqual(['0 raised instance-out:order-2', '29750 resolved instance-out:order-2']);
  });

  it('calls nobody for what passes by itself', () => {
    let book: AlarmBook = new Map();
    let raised = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 1_000) {
      const turned = turnPage(book, nowMs % 20_000 < 15_000 ? [lag] : [], nowMs);
      book = turned.book;
      raised += turned.raised.length;
    }
    expect(raised).toBe(0);
  });
});
