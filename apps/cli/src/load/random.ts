import { unusable } from './load.errors.js';

/** A repeatable source of numbers in [0, 1). */
export type Random = () => number;

/** Repeats its numbers for the same seed. @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c mulberry32 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A chooser of `items` by weight: O(log n) a pick. Weights are any non-negative numbers, at least one of them positive. */
export function weighted<T>(items: readonly T[], weights: readonly number[]): (random: Random) => T {
  const sums: number[] = [];
  let sum = 0;
  for (const weight of weights) sums.push((sum += weight));
  if (!(sum > 0) || items.length !== weights.length) throw unusable('Weights must be as many as items, not all zero.');
  return (random) => items[firstAbove(sums, random() * sum)] as T;
}

function firstAbove(sums: readonly number[], value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Weights of Zipf's law: the k-th most popular of `count` things is asked for 1 / k^exponent times. 0 is uniform. */
export function zipfWeights(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent);
}

/**
 * Reads `a=90,b=10` (weights of any size; a name alone weighs 1).
 * @throws AppError `invalid-request` naming the part that cannot be read
 */
export function parseMix(text: string): Map<string, number> {
  const mix = new Map<string, number>();
  for (const part of text.split(',')) {
    const [name = '', weight = '1'] = part.split('=').map((side) => side.trim());
    const value = Number(weight);
    if (name === '' || !Number.isFinite(value) || value < 0) {
      throw unusable(`"${part}" is no share of a mix. Write name=weight, as in tok_ok=90,tok_declined=10.`);
    }
    mix.set(name, value);
  }
  return mix;
}
