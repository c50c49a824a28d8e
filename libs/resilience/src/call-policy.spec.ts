import { jest } from '@jest/globals';
import { CallNotMade, CallTimedOut } from './call-policy.errors.js';
import { CallPolicy } from './call-policy.js';

const settings = {
  maxAttempts: 3,
  retryDelayMs: 100,
  retryBudgetRatio: 0.2,
  timeLimitMs: 2000,
  bulkheadSize: 64,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  halfOpenAfterMs: 2000,
};
const once = { ...settings, maxAttempts: 1 };
const works = async () => 'paid';
const fails = async () => {
  throw new Error('500');
};
const run = async (policy: CallPolicy, times: number, call: () => Promise<unknown>) => {
  for (let i = 0; i < times; i++) await policy.execute(call).catch(() => undefined);
};

describe(CallPolicy.name, () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  describe('when an attempt fails', () => {
    it('tries three times, 50 to 150 ms apart, and gives the last error back', async () => {
      const call = jest.fn(fails);
      const outcome = new CallPolicy('test', 'psp', settings).execute(call).catch((error: Error) => error.message);
      await jest.advanceTimersByTimeAsync(49);
      expect(call).toHaveBeenCalledTimes(1);
      await jest.advanceTimersByTimeAsync(251);
      expect(call).toHaveBeenCalledTimes(3);
      expect(await outcome).toBe('500');
    });

    it('retries a fifth of the calls at most once the saved retries are spent', async () => {
      const policy = new CallPolicy('test', 'psp', { ...settings, minimumCalls: 10_000 });
      const call = jest.fn(fails);
      const calls = Promise.allSettled(Array.from({ length: 60 }, () => policy.execute(call)));
      await jest.advanceTimersByTimeAsync(1000);
      await calls;
      expect(call.mock.calls.length).toBeLessThanOrEqual(60 + 20 + 12);
    });
  });

  describe('when nobody answers', () => {
    it('stops waiting at the time limit and aborts the attempt', async () => {
      const signals: AbortSignal[] = [];
      const outcome = new CallPolicy('test', 'psp', once)
        .execute(({ signal }) => {
          signals.push(signal);
          return new Promise<never>(() => {});
        })
        .catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(2000);
      expect(await outcome).toBeInstanceOf(CallTimedOut);
      expect(signals[0]?.aborted).toBe(true);
    });
  });

  describe('when half of 20 calls in 10 s fail', () => {
    it('opens, refuses without calling, and closes after one attempt that works', async () => {
      const policy = new CallPolicy('test', 'psp', once);
      await run(policy, 10, works);
      await run(policy, 9, fails);
      expect(policy.state).toBe('closed');
      await run(policy, 1, fails);
      expect(policy.state).toBe('open');
      expect(policy.capacity).toBe(0);
      await expect(policy.execute(works)).rejects.toBeInstanceOf(CallNotMade);
      await jest.advanceTimersByTimeAsync(2000);
      expect(policy.capacity).toBe(1);
      expect(await policy.execute(works)).toBe('paid');
      expect(policy.state).toBe('closed');
    });

    it('opens again when the attempt that decides fails', async () => {
      const policy = new CallPolicy('test', 'psp', once);
      await run(policy, 20, fails);
      await jest.advanceTimersByTimeAsync(2000);
      await run(policy, 1, fails);
      expect(policy.state).toBe('open');
      expect(policy.capacity).toBe(0);
    });
  });

  describe('when 19 calls in a row fail', () => {
    it('stays closed, for a run of failures proves nothing', async () => {
      const policy = new CallPolicy('test', 'psp', once);
      await run(policy, 19, fails);
      expect(policy.state).toBe('closed');
    });
  });

  describe('when the failures were long ago', () => {
    it('has forgotten them, also without calls in between', async () => {
      const policy = new CallPolicy('test', 'psp', once);
      await run(policy, 19, fails);
      await jest.advanceTimersByTimeAsync(60_000);
      await run(policy, 1, fails);
      expect(policy.state).toBe('closed');
    });
  });

  describe('when the wall clock jumps back while open', () => {
    it('still tries again in time', async () => {
      const policy = new CallPolicy('test', 'psp', once);
      await run(policy, 20, fails);
      jest.setSystemTime(Date.now() - 300_000);
      await jest.advanceTimersByTimeAsync(2000);
      expect(await policy.execute(works)).toBe('paid');
    });
  });

  describe('when the bulkhead is full', () => {
    it('refuses at once and counts no failure', async () => {
      const policy = new CallPolicy('test', 'psp', { ...once, bulkheadSize: 2 });
      const hang = () => new Promise<never>(() => {});
      void policy.execute(hang).catch(() => undefined);
      void policy.execute(hang).catch(() => undefined);
      expect(policy.capacity).toBe(0);
      await expect(policy.execute(works)).rejects.toMatchObject({ reason: 'bulkhead-full' });
      expect(policy.state).toBe('closed');
      await jest.advanceTimersByTimeAsync(2000);
    });
  });
});
