import { Injectable } from '@nestjs/common';
import { Batcher, Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/outbox';
import { effectOf, type NewsEffect } from './news-effect.js';
import type { News } from './payment.js';
import { PaymentMetrics } from './payment.metrics.js';
import {
  finishAttempts,
  isProvenUnreached,
  lockPayments,
  type PaymentRow,
  savePayments,
} from './payment.repository.js';
import { eventAbout } from './payment-event.js';
import type { Recorded, Report } from './report.js';

/** Most reports in one transaction: its locks are held for milliseconds. */
const MAX_REPORTS = 100;
/** How long a report waits for company, in ms: customers have their answer already. */
const LINGER_MS = 10;

/**
 * The only place where a payment's status changes after it was written down: under its row's lock, together with the event
 * that tells of it (R20). Whoever hears something, worker, webhook, ledger or event, reports it here, as often as it likes.
 * Reports that come at the same time share a transaction.
 */
@Injectable()
export class RecordNews {
  private readonly batcher = new Batcher<Report, Recorded>({
    flush: (reports) => this.flush(reports),
    keyOf: ({ paymentId }) => paymentId,
    maxItems: MAX_REPORTS,
    lingerMs: LINGER_MS,
  });

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly metrics: PaymentMetrics,
  ) {}

  /** Resolves when it is committed. Repeating a report is harmless. */
  execute(report: Report): Promise<Recorded> {
    return this.batcher.add(report);
  }

  /** Applies news to a locked payment. For use cases that have a transaction of their own. */
  async apply(tx: Tx, row: PaymentRow, news: News): Promise<void> {
    await this.write(tx, [effectOf(row, { news })]);
  }

  private async flush(reports: readonly Report[]): Promise<Recorded[]> {
    const effects = await this.database.write((tx) => this.record(tx, reports), { repeatable: true });
    return reports.map((report, index) => {
      const effect = effects[index];
      const recorded = effect?.recorded ?? 'no-such-payment';
      this.metrics.heard(report, recorded, effect?.payment);
      return recorded;
    });
  }

  private async record(tx: Tx, reports: readonly Report[]): Promise<Array<NewsEffect | undefined>> {
    const rows = await lockPayments(
      tx,
      reports.map(({ paymentId }) => paymentId),
    );
    await finishAttempts(tx, reports);
    const effects: Array<NewsEffect | undefined> = [];
    for (const report of reports) {
      const row = rows.get(report.paymentId);
      effects.push(row && (await this.weigh(tx, row, report)));
    }
    await this.write(
      tx,
      effects.filter((effect) => effect !== undefined),
    );
    return effects;
  }

  /**
   * What definite news says is true whoever heard it. That an attempt found nothing out counts only from the worker that
   * still has the payment, and "unreachable" only when it is so of all attempts ever made there (R18).
   */
  private async weigh(tx: Tx, row: PaymentRow, report: Report): Promise<NewsEffect> {
    const { news, attempt } = report;
    if (news.kind !== 'unanswered' && news.kind !== 'unreachable') return effectOf(row, report);
    if (attempt?.owner !== row.owner) return { recorded: 'nothing-new', row, payment: row };
    if (news.kind === 'unanswered') return effectOf(row, report);
    const isProven = await isProvenUnreached(tx, row.paymentId, news.provider);
    return effectOf(row, isProven ? report : { ...report, news: { kind: 'unanswered', provider: news.provider } });
  }

  private async write(tx: Tx, effects: readonly NewsEffect[]): Promise<void> {
    await savePayments(tx, effects);
    const events = effects.flatMap(({ row, payment, change, event }) =>
      change && event ? [eventAbout({ ...row, ...payment, ...declined(change) }, event, change.seq)] : [],
    );
    await this.outbox.appendSealed(tx, events);
  }
}

const declined = ({ declineCode }: { declineCode?: string | undefined }) => ({ declineCode: declineCode ?? null });
