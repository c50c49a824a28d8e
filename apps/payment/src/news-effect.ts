import { pauseMs } from './next-step.js';
import { isOpen, learn, type News, type Payment, type PaymentEventType } from './payment.js';
import type { Change, PaymentRow, Schedule } from './payment.repository.js';
import type { Recorded, Report } from './report.js';

/** A refused refund is asked for again this late: the provider's answer will not change by itself soon. */
const REFUSED_REFUND_PAUSE_MS = 30_000;

/** What a report does to a payment's row. */
export type NewsEffect = {
  readonly recorded: Recorded;
  readonly row: PaymentRow;
  /** The payment as it is from now on. */
  readonly payment: Payment;
  readonly change?: Change | undefined;
  readonly event?: PaymentEventType | undefined;
};

/** What a report does to a payment. Pure: the caller holds the row and writes the effect down. */
export function effectOf(row: PaymentRow, { news, attempt }: Pick<Report, 'news' | 'attempt'>): NewsEffect {
  const verdict = learn(row, news);
  if (verdict.kind !== 'changed') {
    const isMine = attempt !== undefined && attempt.owner === row.owner;
    const release: Change = { payment: row, seq: row.seq, schedule: scheduleAfter(row, row, news) };
    return { recorded: verdict.kind, row, payment: row, change: isMine ? release : undefined };
  }
  const { payment, event } = verdict;
  const declineCode = news.kind === 'declined' ? news.declineCode : undefined;
  const schedule = scheduleAfter(row, payment, news);
  const change = { payment, seq: event ? row.seq + 1 : row.seq, schedule, declineCode };
  return { recorded: 'changed', row, payment, change, event };
}

/** When to look at a payment again after `news` changed it from `row` to `payment`. */
function scheduleAfter(row: PaymentRow, payment: Payment, news: News): Schedule {
  if (news.kind === 'refund-refused') return { owner: null, dueInMs: REFUSED_REFUND_PAUSE_MS };
  if (payment.status === 'REFUNDING') {
    const isFirst = row.status !== 'REFUNDING';
    return { owner: null, dueInMs: isFirst ? 0 : pauseMs(row.attempts) };
  }
  if (!isOpen(payment)) return { owner: null, dueInMs: null };
  // The worker that has it goes on, and hears of the mark when it reports.
  if (news.kind === 'order-cancelled') return { owner: row.owner, dueInMs: 0 };
  // Free again: the other provider at once.
  if (news.kind === 'voided' || (news.kind === 'unreachable' && row.attempts <= 1)) return { owner: null, dueInMs: 0 };
  return { owner: null, dueInMs: pauseMs(row.attempts) };
}
