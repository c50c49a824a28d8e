import { setTimeout as pause } from 'node:timers/promises';

/**
 * Repeats `check` until it no longer throws, and returns its value; throws its last error after `timeoutMs`.
 * Tests wait for conditions, never for time.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs = 25 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(intervalMs);
  }
}
