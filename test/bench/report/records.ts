import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from '../bench.js';
import type { Effort } from '../rig/rounds.js';
import { ROOT } from '../rig/service-process.js';
import type { Machine } from './machine.js';

/** Where results are kept, one file a bench. */
export const RESULTS = join(ROOT, 'test/bench/results');

/** A run of a bench, as it is kept. */
export type BenchRecord = Findings & {
  readonly id: string;
  readonly title: string;
  readonly goal: string;
  readonly at: string;
  readonly command: string;
  readonly effort: Effort;
  readonly machine: Machine;
};

/** The newest result of every bench, p1 first. */
export function readRecords(): BenchRecord[] {
  if (!existsSync(RESULTS)) return [];
  const files = readdirSync(RESULTS).filter((name) => /^p\d+\.json$/.test(name));
  const records = files.map((name) => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')) as BenchRecord);
  return records.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
}
