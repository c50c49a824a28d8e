import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LiteSystem } from '../support/lite-system.js';

type Report = { verdicts: { id: string; isKept: boolean }[] };

/** Each rule, and an invariant that must notice when it is off. */
const controls = [
  ['inbox', /I[2467]/],
  ['provider-key', /I2/],
  ['outbox-horizon', /I8/],
] as const;

describe('the checker', () => {
  it.each(controls)(
    'turns red when %s is switched off',
    async (rule, expected) => {
      await using system = await LiteSystem.start({ rules: rule });
      if (rule === 'provider-key') await withoutWebhooks(system);
      const journal = join(system.folder, 'control.jsonl');
      const mix = 'tok_ok=60,tok_lost_answer=20,tok_5xx_twice=20';
      await system.command('load', '--rate', '120', '--duration', '6s', '--tokens', mix, '--journal', journal);
      const check = await system.command('check', '--journal', journal, '--json', '--wait', '5s');
      const report = JSON.parse(check.stdout) as Report;
      expect(check.code).toBe(1);
      expect(
        report.verdicts
          .filter(({ isKept }) => !isKept)
          .map(({ id }) => id)
          .join(' '),
      ).toMatch(expected);
    },
    400_000,
  );
});

/** A webhook would tell what a lost answer did not, before the payment is asked for again under a fresh key. */
async function withoutWebhooks(system: LiteSystem): Promise<void> {
  const token = (await system.command('token', '--operator')).stdout.trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (const { url } of (await system.status()).providers) {
    const body = JSON.stringify({ expiresInMs: 60_000 });
    const answer = await fetch(`${url}/faults/no-webhooks`, { method: 'PUT', headers, body });
    expect(answer.status).toBe(204);
  }
}
