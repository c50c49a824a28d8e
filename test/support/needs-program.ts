import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

/**
 * `describe`, where these programs are installed; elsewhere the block is skipped and says so, or fails where
 * `TWOFOLD_TEST_NEVER_SKIP` is set, as it is in the gate.
 */
export function describeWith(...programs: readonly string[]): typeof describe | typeof describe.skip {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length === 0 || process.env.TWOFOLD_TEST_NEVER_SKIP === '1') return describe;
  process.stderr.write(`Skipped here, because it needs ${missing.join(' and ')}.\n`);
  return describe.skip;
}
