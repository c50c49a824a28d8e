import { z } from 'zod';
import { config, setting } from '#libs/config';
import { callPolicySettings } from '#libs/resilience';

/** How payment is asked for what the order only knows by hearsay. Short: the order's own copy is a good second. */
export const paymentCallsConfig = config('payment-calls', {
  ...callPolicySettings,
  maxAttempts: setting(z.int().min(1).max(10), 2, 'Attempts per call, the first included.'),
  retryDelayMs: setting(z.int().min(1).max(10_000), 20, 'Pause between attempts, give or take half of it.'),
  timeLimitMs: setting(z.int().min(10).max(60_000), 500, 'After this an attempt counts as unanswered.'),
});
