import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PROBE_REUSE_MS, PROBE_TIMEOUT_MS, Probe, type ProbeResult, ProbeRunner } from './index.js';

class StubProbe extends Probe {
  readonly name = 'stub';
  looks = 0;

  constructor(
    readonly critical: boolean,
    private readonly answer: () => Promise<ProbeResult>,
  ) {
    super();
  }

  check(): Promise<ProbeResult> {
    this.looks++;
    return this.answer();
  }
}

const down = async (): Promise<ProbeResult> => ({ status: 'down' });

describe(ProbeRunner.name, () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  describe('when what it looks at is down', () => {
    it.each([
      ['is down when the service cannot do without', true, 'down'],
      ['is degraded when it can', false, 'degraded'],
    ])('%s', async (_, critical, status) => {
      expect(await new ProbeRunner(new StubProbe(critical, down)).look()).toMatchObject({ status });
    });

    it('takes an error for down and names it', async () => {
      const runner = new ProbeRunner(new StubProbe(true, () => Promise.reject(new Error('refused'))));
      expect(await runner.look()).toEqual({ status: 'down', details: { reason: 'refused' } });
    });
  });

  describe('when the probe never answers', () => {
    it('is down after the time limit', async () => {
      const look = new ProbeRunner(new StubProbe(true, () => new Promise(() => {}))).look();
      await jest.advanceTimersByTimeAsync(PROBE_TIMEOUT_MS);
      expect(await look).toMatchObject({ status: 'down', details: { reason: expect.stringContaining('2000 ms') } });
    });
  });

  describe('when many ask at once', () => {
    it('looks once, and again when the result is old', async () => {
      let nowMs = 0;
      const probe = new StubProbe(true, async () => ({ status: 'up' }));
      const runner = new ProbeRunner(probe, () => nowMs);
      await Promise.all([runner.look(), runner.look(), runner.look()]);
      expect(probe.looks).toBe(1);
      nowMs = PROBE_REUSE_MS;
      await runner.look();
      expect(probe.looks).toBe(2);
    });
  });
});
