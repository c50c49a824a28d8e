import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { hedge } from './hedge.js';

const AFTER_MS = 20;

describe(hedge, () => {
  it('asks nobody else when the first answers in time', async () => {
    let asked = 0;
    const others = () => [Promise.resolve(++asked)];
    await expect(hedge(Promise.resolve(7), others, AFTER_MS)).resolves.toBe(7);
    expect(asked).toBe(0);
  });

  it('takes another’s answer when the first is late', async () => {
    const late = sleep(10 * AFTER_MS, 'late');
    await expect(hedge(late, () => [Promise.resolve('other')], AFTER_MS)).resolves.toBe('other');
  });

  it('takes the first’s answer when it comes late, but before the others’', async () => {
    const late = sleep(2 * AFTER_MS, 'late');
    await expect(hedge(late, () => [sleep(10 * AFTER_MS, 'other')], AFTER_MS)).resolves.toBe('late');
  });

  it('asks the others at once when the first fails', async () => {
    const sinceMs = performance.now();
    const others = () => [Promise.resolve('other')];
    await expect(hedge(Promise.reject(new Error('refused')), others, 5_000)).resolves.toBe('other');
    expect(performance.now() - sinceMs).toBeLessThan(1_000);
  });

  it('fails when nobody answers', async () => {
    const refused = () => Promise.reject(new Error('refused'));
    await expect(hedge(refused(), () => [refused()], AFTER_MS)).rejects.toThrow(AggregateError);
  });
});
