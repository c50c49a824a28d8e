/** First pause after a failed webhook; doubles up to {@link MAX_PAUSE_MS}. */
export const FIRST_PAUSE_MS = 500;
/** Longest pause between two tries of a webhook. */
export const MAX_PAUSE_MS = 60_000;
/** After so many tries (about three days) a webhook is given up; the ledger still has its result. */
export const MAX_WEBHOOK_ATTEMPTS = 4_320;

/** When to try again after the `attempts`-th failure (1 is the first); `undefined` means never. */
export function retryPauseMs(attempts: number): number | undefined {
  if (attempts >= MAX_WEBHOOK_ATTEMPTS) return undefined;
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 16));
}
