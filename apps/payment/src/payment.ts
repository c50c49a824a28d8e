import type { EventType, PaymentStatus } from '#libs/contracts';
import { illegalMove } from './payment.errors.js';

/** Legal moves of a payment. Anything else is a bug. */
export const moves = {
  // The success or end of a payment nobody asked for yet can only come from a provider's memory that is longer than ours.
  REQUESTED: ['PROCESSING', 'SUCCEEDED', 'REFUNDING', 'FAILED'],
  PROCESSING: ['SUCCEEDED', 'DECLINED', 'UNKNOWN', 'FAILED', 'REFUNDING'],
  UNKNOWN: ['SUCCEEDED', 'DECLINED', 'FAILED', 'REFUNDING'],
  SUCCEEDED: ['REFUNDING'],
  // A provider may contradict itself; its success is paid back (R19).
  DECLINED: ['REFUNDING'],
  FAILED: ['REFUNDING'],
  REFUNDING: ['REFUNDED'],
  REFUNDED: [],
} as const satisfies Record<PaymentStatus, readonly PaymentStatus[]>;

/** What decides about a payment. */
export type Payment = {
  readonly status: PaymentStatus;
  /** Where its charge may be. None: no provider has been asked, or every one that was is proven not to have charged (R18). */
  readonly provider: string | undefined;
  /** Its order was cancelled: a success would have to be paid back (R19). */
  readonly unwanted: boolean;
};

/** Something that has become known about a payment, by answer, webhook, query, ledger or event. */
export type News =
  | { readonly kind: 'started'; readonly provider: string }
  | { readonly kind: 'charged'; readonly provider: string }
  | { readonly kind: 'declined'; readonly provider: string; readonly declineCode?: string | undefined }
  /** Its key can never charge at this provider any more. */
  | { readonly kind: 'voided'; readonly provider: string }
  /** The provider was asked, and nobody knows what it did. */
  | { readonly kind: 'unanswered'; readonly provider: string }
  /** Every attempt at this provider, ever, ended in "connection refused": nothing has reached it. */
  | { readonly kind: 'unreachable'; readonly provider: string }
  | { readonly kind: 'refunded'; readonly provider: string }
  | { readonly kind: 'refund-refused'; readonly provider: string }
  | { readonly kind: 'given-up' }
  | { readonly kind: 'order-cancelled' };

/** Events that tell of a payment's moves. */
export type PaymentEventType = Extract<EventType, `payment.${string}`>;

/** What news means. `stray`: money moved where the payment is not; a person must look. */
export type Verdict =
  | { readonly kind: 'changed'; readonly payment: Payment; readonly event?: PaymentEventType | undefined }
  | { readonly kind: 'nothing-new' }
  | { readonly kind: 'stray' };

const NOTHING_NEW: Verdict = { kind: 'nothing-new' };

const eventOf: Partial<Record<PaymentStatus, PaymentEventType>> = {
  PROCESSING: 'payment.processing',
  SUCCEEDED: 'payment.succeeded',
  DECLINED: 'payment.declined',
  FAILED: 'payment.failed',
  REFUNDED: 'payment.refunded',
};

/** Whether a charge may be under way or still to come. */
export const isOpen = ({ status }: Pick<Payment, 'status'>): boolean =>
  status === 'REQUESTED' || status === 'PROCESSING' || status === 'UNKNOWN';

/** What `news` means for a payment. Late, doubled and reordered news is harmless (R20). */
export function learn(payment: Payment, news: News): Verdict {
  switch (news.kind) {
    case 'started':
      return start(payment, news.provider);
    case 'charged':
      return charged(payment, news.provider);
    case 'declined':
      return isAsked(payment, news.provider) ? moved(payment, 'DECLINED') : NOTHING_NEW;
    case 'unanswered':
      return isAsked(payment, news.provider) ? uncertain(payment, news.provider) : NOTHING_NEW;
    case 'voided':
    case 'unreachable':
      return isAsked(payment, news.provider) ? left(payment) : NOTHING_NEW;
    case 'given-up':
      return isOpen(payment) && payment.provider === undefined ? moved(payment, 'FAILED') : NOTHING_NEW;
    case 'order-cancelled':
      return cancelled(payment);
    case 'refunded':
      return payment.status === 'REFUNDING' && payment.provider === news.provider
        ? moved(payment, 'REFUNDED')
        : NOTHING_NEW;
    case 'refund-refused':
      return NOTHING_NEW;
  }
}

/** Events that say again how a payment ended, for an order that missed it (R21). None while it is under way. */
export function answersTo(status: PaymentStatus): readonly PaymentEventType[] {
  switch (status) {
    case 'SUCCEEDED':
      return ['payment.succeeded'];
    case 'DECLINED':
      return ['payment.declined'];
    // Paid back without the order's wish: it was given up before.
    case 'FAILED':
    case 'REFUNDING':
      return ['payment.failed'];
    case 'REFUNDED':
      return ['payment.failed', 'payment.refunded'];
    case 'REQUESTED':
    case 'PROCESSING':
    case 'UNKNOWN':
      return [];
  }
}

/** A move along the table, with the event that tells of it. */
function moved(payment: Payment, status: PaymentStatus, change: Partial<Payment> = {}): Verdict {
  if (status === payment.status) return { kind: 'changed', payment: { ...payment, ...change } };
  if (!(moves[payment.status] as readonly PaymentStatus[]).includes(status)) throw illegalMove(payment.status, status);
  return { kind: 'changed', payment: { ...payment, ...change, status }, event: eventOf[status] };
}

const isAsked = (payment: Payment, provider: string): boolean =>
  (payment.status === 'PROCESSING' || payment.status === 'UNKNOWN') && payment.provider === provider;

function start(payment: Payment, provider: string): Verdict {
  if (!isOpen(payment)) return NOTHING_NEW;
  const isElsewhere = payment.provider !== undefined && payment.provider !== provider;
  if (isElsewhere || (payment.unwanted && payment.provider === undefined))
    throw illegalMove(payment.status, 'PROCESSING');
  return moved(payment, payment.status === 'UNKNOWN' ? 'UNKNOWN' : 'PROCESSING', { provider });
}

function charged(payment: Payment, provider: string): Verdict {
  if (payment.status === 'DECLINED' || payment.status === 'FAILED') return moved(payment, 'REFUNDING', { provider });
  if (payment.provider !== undefined && payment.provider !== provider) return { kind: 'stray' };
  if (!isOpen(payment)) return NOTHING_NEW;
  return moved(payment, payment.unwanted ? 'REFUNDING' : 'SUCCEEDED', { provider });
}

const uncertain = (payment: Payment, provider: string): Verdict => moved(payment, 'UNKNOWN', { provider });

/** The provider is proven out of it: the payment is free to go to another, or ends when nobody wants it. */
function left(payment: Payment): Verdict {
  return payment.unwanted
    ? moved(payment, 'FAILED', { provider: undefined })
    : moved(payment, 'UNKNOWN', { provider: undefined });
}

function cancelled(payment: Payment): Verdict {
  if (payment.unwanted) return NOTHING_NEW;
  const unwanted = { unwanted: true };
  if (payment.status === 'SUCCEEDED') return moved(payment, 'REFUNDING', unwanted);
  if (isOpen(payment) && payment.provider === undefined) return moved(payment, 'FAILED', unwanted);
  return moved(payment, payment.status, unwanted);
}
