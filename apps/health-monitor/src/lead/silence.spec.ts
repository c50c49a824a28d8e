import { describe, expect, it } from '@jest/globals';
import { hear, isSilent, type LeaderLook, type Silence } from './silence.js';

const first = { name: 'pg-1', revision: '10' };
const after = (...looks: Omit<LeaderLook, 'leadership'>[]): Silence =>
  looks.reduce<Silence>((silence, look) => hear(silence, { leadership: first, ...look }), {
    leadership: first,
    ...{ heardMs: 0, lookedMs: 0 },
  });

describe(isSilent.name, () => {
  it('accuses a leader that was silent for 3 s, not before', () => {
    const silence = after({ answer: 'silent', nowMs: 1_000 }, { answer: 'silent', nowMs: 2_000 });
    expect(isSilent(silence, 2_999)).toBe(false);
    expect(isSilent(silence, 3_000)).toBe(true);
  });

  it('forgives everything at one sign of life', () => {
    const silence = after({ answer: 'silent', nowMs: 2_900 }, { answer: 'heard', nowMs: 2_950 });
    expect(isSilent(silence, 5_900)).toBe(false);
  });

  it('blames nobody for what happened while our own loop was held up', () => {
    const silence = after({ answer: 'silent', nowMs: 1_000 }, { answer: 'void', nowMs: 9_000 });
    expect(isSilent(silence, 9_001)).toBe(false);
  });

  it('starts anew after nobody could say who leads: then everything may have stood still', () => {
    const blind = after({ answer: 'silent', nowMs: 1_000 }, { answer: 'silent', nowMs: 6_000 });
    expect(isSilent(blind, 6_000)).toBe(false);
    expect(isSilent(hear(blind, { leadership: first, answer: 'silent', nowMs: 8_000 }), 9_000)).toBe(true);
  });

  it('gives a new leadership credit, of the same node as well', () => {
    const silence = hear(after(), { leadership: { ...first, revision: '11' }, answer: 'silent', nowMs: 9_000 });
    expect(isSilent(silence, 9_500)).toBe(false);
  });

  it('accuses nobody where nobody leads', () => {
    expect(isSilent({ leadership: undefined, heardMs: 0, lookedMs: 0 }, 60_000)).toBe(false);
  });
});
