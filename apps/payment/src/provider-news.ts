import type { PspResult } from '#libs/contracts';
import { switchedOff } from '#libs/drill';
import { contradicted } from './payment.errors.js';
import type { News } from './payment.js';

/** What a provider is asked to move. */
type Money = { readonly paymentId: string; readonly amountMinor: number; readonly currency: string };

/** The one key of a payment at every provider, for ever (R17). */
export const chargeKeyOf = (paymentId: string): string => paymentId;
/** The one key of its refund. */
export const refundKeyOf = (paymentId: string): string => `${paymentId}:refund`;

/**
 * What a provider's result says about a payment.
 * @throws AppError `payment-contradicted` when it is about another payment, key or amount
 */
export function newsOf(result: PspResult, provider: string, money: Money): News {
  const key = result.kind === 'charge' ? chargeKeyOf(money.paymentId) : refundKeyOf(money.paymentId);
  const isSameKey = result.idempotencyKey === key || switchedOff('provider-key');
  if (result.reference !== money.paymentId || !isSameKey)
    throw contradicted(
      money.paymentId,
      `${provider} answered for ${result.reference} under key ${result.idempotencyKey}`,
    );
  // A voided key may never have carried an amount.
  const isSameMoney = result.amountMinor === money.amountMinor && result.currency === money.currency;
  if (!isSameMoney && result.outcome !== 'voided')
    throw contradicted(money.paymentId, `${provider} moved ${result.amountMinor} ${result.currency}`);
  return result.kind === 'charge' ? chargeNews(result, provider) : refundNews(result, provider);
}

function chargeNews({ outcome, declineCode }: PspResult, provider: string): News {
  if (outcome === 'succeeded') return { kind: 'charged', provider };
  return outcome === 'voided' ? { kind: 'voided', provider } : { kind: 'declined', provider, declineCode };
}

const refundNews = ({ outcome }: PspResult, provider: string): News => ({
  kind: outcome === 'succeeded' ? 'refunded' : 'refund-refused',
  provider,
});
