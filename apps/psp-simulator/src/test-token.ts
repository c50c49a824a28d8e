/** How a call that carries a test token ends, beyond what is written into the ledger. */
export type Delivery = { kind: 'answer' } | { kind: 'answer-after'; delayMs: number } | { kind: 'drop-connection' };

/** What a charge does. `retry-later` writes nothing: the same key may succeed at the next attempt. */
export type ChargePlan =
  | { kind: 'retry-later' }
  | { kind: 'settle'; outcome: 'succeeded'; delivery: Delivery; webhooks: number }
  | { kind: 'settle'; outcome: 'declined'; declineCode: string; delivery: Delivery; webhooks: number };

/** How long `tok_timeout` keeps its caller waiting. */
export const TIMEOUT_TOKEN_DELAY_MS = 5_000;
/** How often `tok_5xx_twice` fails before it works. */
export const FAILURES_OF_5XX_TOKEN = 2;

const settled = (delivery: Delivery, webhooks = 1): ChargePlan => ({
  kind: 'settle',
  outcome: 'succeeded',
  delivery,
  webhooks,
});

const declined = (declineCode: string): ChargePlan => ({
  kind: 'settle',
  outcome: 'declined',
  declineCode,
  delivery: { kind: 'answer' },
  webhooks: 1,
});

/**
 * What the `attempt`-th call (1 is the first) under one idempotency key does. A key acts once: as soon as it is settled
 * the ledger answers, and this is not asked again.
 */
export function planCharge(paymentToken: string, attempt: number): ChargePlan {
  switch (paymentToken) {
    case 'tok_ok':
      return settled({ kind: 'answer' });
    case 'tok_declined':
      return declined('card_declined');
    case 'tok_insufficient_funds':
      return declined('insufficient_funds');
    case 'tok_5xx_twice':
      return attempt <= FAILURES_OF_5XX_TOKEN ? { kind: 'retry-later' } : settled({ kind: 'answer' });
    case 'tok_timeout':
      return settled({ kind: 'answer-after', delayMs: TIMEOUT_TOKEN_DELAY_MS });
    case 'tok_lost_answer':
      return settled({ kind: 'drop-connection' });
    case 'tok_duplicate_webhook':
      return settled({ kind: 'answer' }, 2);
    default:
      return declined('unknown_token');
  }
}
