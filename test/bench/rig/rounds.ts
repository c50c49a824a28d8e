/** How long and how often a bench measures: `BENCH_ROUNDS` and `BENCH_SECONDS` shorten it while one works on it. */
export type Effort = { readonly rounds: number; readonly seconds: number };

/** Fewer rounds make no median worth printing. */
export const MIN_ROUNDS = 5;

/** Values of one measure, one a round. */
export type Sample = {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
};

export function sampleOf(rounds: readonly number[]): Sample {
  if (rounds.length === 0) throw new Error('Nothing was measured.');
  const sorted = rounds.slice().sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number, rounds };
}

/** Runs every contestant once a round, each round beginning with another one, so that nobody always has the warm machine. */
export async function interleave<K extends string, T>(
  rounds: number,
  contestants: Readonly<Record<K, (round: number) => Promise<T>>>,
): Promise<Record<K, T[]>> {
  const names = Object.keys(contestants) as K[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<K, T[]>;
  for (let round = 0; round < rounds; round++) {
    const turn = names.map((_, index) => names[(index + round) % names.length] as K);
    for (const name of turn) {
      results[name].push(await contestants[name](round));
      process.stderr.write(`  round ${round + 1} of ${rounds}: ${name}\n`);
    }
  }
  return results;
}

/** Round by round, `a` in units of `b`: what shakes the machine in a round shakes both. */
export const ratios = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, round) => value / (b[round] ?? Number.NaN));
