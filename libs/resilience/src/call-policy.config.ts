import { z } from 'zod';
import { type ConfigSection, setting } from '#libs/config';

/** How one target is called. */
export type CallPolicySettings = {
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  readonly retryBudgetRatio: number;
  readonly timeLimitMs: number;
  readonly bulkheadSize: number;
  readonly failureRatio: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly halfOpenAfterMs: number;
};

/** Settings for a config section of the caller's own: `config('providerCalls', callPolicySettings)`. */
export const callPolicySettings: ConfigSection<CallPolicySettings>['settings'] = {
  maxAttempts: setting(z.int().min(1).max(10), 3, 'Attempts per call, the first included.'),
  retryDelayMs: setting(z.int().min(1).max(10_000), 100, 'Pause between attempts, give or take half of it.'),
  retryBudgetRatio: setting(z.number().min(0).max(1), 0.2, 'Retries allowed per first attempt, over time.'),
  timeLimitMs: setting(z.int().min(10).max(60_000), 2000, 'After this an attempt counts as unanswered.'),
  bulkheadSize: setting(z.int().min(1).max(1000), 64, 'Calls that run at once per target.'),
  failureRatio: setting(z.number().min(0.01).max(1), 0.5, 'Share of failed attempts that opens the circuit.'),
  minimumCalls: setting(z.int().min(1).max(10_000), 20, 'Attempts in the window below which it never opens.'),
  windowMs: setting(z.int().min(100).max(600_000), 10_000, 'Window over which attempts are counted.'),
  halfOpenAfterMs: setting(z.int().min(10).max(600_000), 2000, 'An open circuit lets one attempt through after this.'),
};
