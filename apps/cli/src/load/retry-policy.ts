/** The reference client of R11: what the reliability goals count against. */
export type RetryPolicy = {
  /** Limit of one attempt. */
  attemptTimeoutMs: number;
  /** After so long since the first attempt the request has failed. */
  patienceMs: number;
  /** Pause after the first failed attempt; doubles, with jitter. */
  firstPauseMs: number;
  maxPauseMs: number;
};

/** @see RetryPolicy */
export const REFERENCE_POLICY: RetryPolicy = {
  attemptTimeoutMs: 3_000,
  patienceMs: 15_000,
  firstPauseMs: 50,
  maxPauseMs: 1_000,
};

/** What an attempt brought; `status` 0 is no answer. */
export type AttemptEnd = { status: number; code?: string | undefined; retryAfterMs?: number | undefined };

/** Whether the same request is worth repeating: 503 and 504 mean "unknown, repeat the key", and so does silence. */
export function isWorthRepeating({ status, code }: AttemptEnd): boolean {
  if (status === 409) return code === 'idempotency-in-flight';
  return status === 0 || status === 429 || status >= 500;
}

/** Pause before the attempt after the `attempt`-th (1 is the first), `Retry-After` respected up to the policy's maximum. */
export function pauseMs(policy: RetryPolicy, attempt: number, end: AttemptEnd, random: number): number {
  const doubled = Math.min(policy.maxPauseMs, policy.firstPauseMs * 2 ** Math.min(attempt - 1, 10));
  const asked = Math.min(policy.maxPauseMs, end.retryAfterMs ?? 0);
  return Math.max(asked, doubled * (0.5 + random / 2));
}
