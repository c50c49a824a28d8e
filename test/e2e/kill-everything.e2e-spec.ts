import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { isAlive, LiteSystem } from '../support/lite-system.js';

describe('kill -9 of every process, one after the other, during 2,000 orders', () => {
  let system: LiteSystem;

  beforeAll(async () => {
    system = await LiteSystem.start();
  }, 300_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  it('loses no acknowledged order, charges nobody twice, and settles every order', async () => {
    const journal = join(system.folder, 'kill-everything.jsonl');
    const options = [
      '--rate',
      '50',
      '--duration',
      '40s',
      '--journey',
      'order=95,read=3,cancel=2',
      '--journal',
      journal,
    ];
    const load = system.command('load', ...options);
    for (const { name } of (await system.status()).services) {
      await pause(500);
      await system.killAndAwait(name);
    }
    const { code, stdout, stderr } = await load;
    expect(`${code} ${stdout} ${stderr}`).toMatch(/^0 /);
    const check = await system.command('check', '--journal', journal);
    expect(`${check.code} ${check.stdout}`).toMatch(/^0 /);
  }, 300_000);
});

describe('the launcher itself', () => {
  it('leaves nothing behind when it is killed, and starts again on the same data', async () => {
    await using system = await LiteSystem.empty();
    const launcher = system.startForeground();
    const isUp = async () => (await system.status()).services.every(({ health }) => health === 'up');
    await eventually(async () => expect(await isUp()).toBe(true), { timeoutMs: 120_000, intervalMs: 500 });
    const { services } = await system.status();
    expect(services.length).toBeGreaterThanOrEqual(7);
    launcher.kill('SIGKILL');
    const left = (group: RegExp) => services.filter(({ group: own, pid = 0 }) => group.test(own) && isAlive(pid));
    await eventually(() => expect(left(/^(?!postgres)/)).toEqual([]), { timeoutMs: 3_000 });
    // Postgres writes its memory to disk before it goes, and the disk is shared.
    await eventually(() => expect(left(/postgres/)).toEqual([]), { timeoutMs: 20_000 });
    await system.up();
    expect(await isUp()).toBe(true);
  }, 300_000);
});
