import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/outbox';
import { pauseMs } from './next-step.js';
import { isOpen, learn, type News, type Payment } from './payment.js';
import { PaymentMetrics } from './payment.metrics.js';
import {
  finishAttempt,
  isProvenUnreached,
  lockPayment,
  type PaymentRow,
  savePayment,
  type Schedule,
} from './payment.repository.js';
import { tell } from './payment-event.js';
import type { Recorded, Report } from './report.js';

/** A refused refund is asked for again this late: the provider's answer will not change by itself soon. */
const REFUSED_REFUND_PAUSE_MS = 30_000;

/**
 * The only place where a payment's status changes after it was written down: under its row's lock, together with the event
 * that tells of it (R20). Whoever hears something, worker, webhook, ledger or event, reports it here, as often as it likes.
 */
@Injectable()
export class RecordNews {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly metrics: PaymentMetrics,
  ) {}

  async execute(report: Report): Promise<Recorded> {
    const { recorded, payment } = await this.database.write((tx) => this.record(tx, report), { repeatable: true });
    this.metrics.heard(report, recorded, payment);
    return recorded;
  }

  private async record(tx: Tx, report: Report): Promise<{ recorded: Recorded; payment?: Payment }> {
    const row = await lockPayment(tx, report.paymentId);
    if (!row) return { recorded: 'no-such-payment' };
    const { attempt } = report;
    if (attempt) await finishAttempt(tx, { paymentId: row.paymentId, attempt: attempt.number }, attempt.outcome);
    const news = await this.weigh(tx, row, report);
    if (!news) return { recorded: 'nothing-new' };
    return this.apply(tx, row, { ...report, news });
  }

  /** Applies news to a locked payment. For use cases that have a transaction of their own. */
  async apply(tx: Tx, row: PaymentRow, report: Report): Promise<{ recorded: Recorded; payment: Payment }> {
    const verdict = learn(row, report.news);
    if (verdict.kind !== 'changed') {
      if (report.attempt?.owner === row.owner) await this.release(tx, row, report.news);
      return { recorded: verdict.kind, payment: row };
    }
    const { payment, event } = verdict;
    const seq = event ? row.seq + 1 : row.seq;
    const declineCode = report.news.kind === 'declined' ? report.news.declineCode : undefined;
    await savePayment(tx, row, { payment, seq, declineCode, schedule: scheduleAfter(row, payment, report.news) });
    if (event)
      await tell(tx, this.outbox, { ...row, ...payment, declineCode: declineCode ?? null }, { type: event, seq });
    return { recorded: 'changed', payment };
  }

  /**
   * What definite news says is true whoever heard it. That an attempt found nothing out counts only from the worker that
   * still has the payment, and "unreachable" only when it is so of all attempts ever made there (R18).
   */
  private async weigh(tx: Tx, row: PaymentRow, { news, attempt }: Report): Promise<News | undefined> {
    if (news.kind !== 'unanswered' && news.kind !== 'unreachable') return news;
    if (attempt?.owner !== row.owner) return undefined;
    if (news.kind === 'unanswered') return news;
    const isProven = await isProvenUnreached(tx, row.paymentId, news.provider);
    return isProven ? news : { kind: 'unanswered', provider: news.provider };
  }

  private async release(tx: Tx, row: PaymentRow, news: News): Promise<void> {
    await savePayment(tx, row, { payment: row, seq: row.seq, schedule: scheduleAfter(row, row, news) });
  }
}

/** When to look at a payment again after `news` changed it from `row` to `payment`. */
export function scheduleAfter(row: PaymentRow, payment: Payment, news: News): Schedule {
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
