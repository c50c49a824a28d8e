import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiteSystem } from '../support/lite-system.js';

/** Where each point lies, and so which process dies there. */
const points = [
  ['after-commit-before-answer', 'order-1'],
  ['after-provider-call-before-commit', 'payment-1'],
  ['after-publish-before-mark', 'order-1'],
  ['after-effect-before-offset-commit', 'payment-2'],
] as const;

const PASSES = 12;

describe('a process that dies at the worst moment', () => {
  let system: LiteSystem;

  beforeAll(async () => {
    system = await LiteSystem.start({ drill: true });
  }, 300_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  it.each(points)(
    'loses nothing and does nothing twice: %s in %s',
    async (point, name) => {
      const journal = join(system.folder, `${point}.jsonl`);
      // So many passes that it dies under load, not at an order of the monitor's before.
      await system.crashAt(name, `${point}:${PASSES}`);
      const { pid = 0 } = await system.service(name);
      const load = await system.command('load', '--rate', '40', '--duration', '8s', '--journal', journal);
      await system.awaitSuccessor(name, pid);
      expect(`${load.code} ${load.stderr}`).toMatch(/^0 /);
      const check = await system.command('check', '--journal', journal);
      expect(`${check.code} ${check.stdout}`).toMatch(/^0 /);
    },
    180_000,
  );
});
