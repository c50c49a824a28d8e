import { describe, expect, it } from '@jest/globals';
import { MAX_QUESTIONS, MIN_QUESTIONS, SettlementWindow } from './settlement-window.js';

/** The window after sweeps of which so many questions in a hundred stayed without an answer. */
function after(...unanswered: number[]): number {
  const window = new SettlementWindow();
  for (const each of unanswered) window.learn({ asked: 100, unanswered: each });
  return window.size;
}

describe(SettlementWindow, () => {
  it('opens while questions are answered, up to a limit', () => {
    expect([after(), after(0), after(10, 0)]).toEqual([MIN_QUESTIONS, 2 * MIN_QUESTIONS, 4 * MIN_QUESTIONS]);
    expect(after(...Array.from({ length: 20 }, () => 0))).toBe(MAX_QUESTIONS);
  });

  it('closes while they are not, never below what finds out that things are better', () => {
    expect([after(0, 0, 90), after(0, 0, 90, 90, 90, 90)]).toEqual([2 * MIN_QUESTIONS, MIN_QUESTIONS]);
  });

  it('learns nothing from a sweep that asked about nothing', () => {
    const window = new SettlementWindow();
    window.learn({ asked: 0, unanswered: 0 });
    expect(window.size).toBe(MIN_QUESTIONS);
  });
});
