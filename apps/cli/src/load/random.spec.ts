import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrivals, PROFILES, phaseAt } from './arrivals.js';
import type { StepFigures } from './load-statistics.js';
import { parseMix, seededRandom, weighted, zipfWeights } from './random.js';
import { judge, parseThreshold } from './threshold.js';

describe(weighted.name, () => {
  it('picks in proportion to the weights and never what weighs nothing', () => {
    const pick = weighted(['a', 'never', 'b'], [3, 0, 1]);
    const random = seededRandom(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 40_000; i++) {
      const picked = pick(random);
      counts.set(picked, (counts.get(picked) ?? 0) + 1);
    }
    expect(counts.get('never')).toBeUndefined();
    expect((counts.get('a') ?? 0) / (counts.get('b') ?? 1)).toBeCloseTo(3, 0);
  });
});

describe(zipfWeights.name, () => {
  it('makes the first as popular as the second and third together, and more', () => {
    expect(zipfWeights(4, 1)).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
    expect(zipfWeights(3, 0)).toEqual([1, 1, 1]);
  });
});

describe(parseMix.name, () => {
  it('reads weights and refuses anything else', () => {
    expect([...parseMix('tok_ok=90, tok_declined')]).toEqual([
      ['tok_ok', 90],
      ['tok_declined', 1],
    ]);
    expect(() => parseMix('tok_ok=many')).toThrow('tok_ok=many');
    expect(() => parseMix('')).toThrow('no share');
  });
});

describe(arrivals.name, () => {
  it('comes in order, in the run, and at the planned rate', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('steady' as const, 'black-friday' as const), (seed, name) => {
        const plan = { phases: PROFILES[name], peakPerSecond: 500, durationMs: 10_000 };
        const times = [...arrivals(plan, seededRandom(seed))];
        let expected = 0;
        for (let ms = 0; ms < 10_000; ms += 1) expected += phaseAt(plan.phases, ms / 10_000).rateShare * 0.5;
        expect(times.every((at, i) => at < 10_000 && at >= (times[i - 1] ?? 0))).toBe(true);
        expect(Math.abs(times.length - expected)).toBeLessThan(6 * Math.sqrt(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('has phases that fill the run', () => {
    for (const phases of Object.values(PROFILES)) {
      expect(phases.reduce((sum, { lengthShare }) => sum + lengthShare, 0)).toBeCloseTo(1);
    }
  });
});

describe(parseThreshold.name, () => {
  const step = { name: 'all', count: 1_000, failed: 2, p99Ms: 240, perSecond: 99 } as StepFigures;

  it.each([
    ['p99<250ms', true],
    ['p99<0.2s', false],
    ['failed<0.1%', false],
    ['failed<1%', true],
    ['rate>95/s', true],
    ['cancel.p99<1s', false],
  ])('judges %s', (text, isMet) => {
    expect(judge(parseThreshold(text), [step]).isMet).toBe(isMet);
  });

  it('shows how to write one', () => {
    expect(() => parseThreshold('fast')).toThrow('p99<250ms');
  });
});
