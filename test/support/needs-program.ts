import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** `describe`, where these programs are installed; elsewhere the block is skipped and says so. */
export function describeWith(...programs: readonly string[]): typeof describe | typeof describe.skip {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length === 0) return describe;
  process.stderr.write(`Skipped here, because it needs ${missing.join(' and ')}.\n`);
  return describe.skip;
}
