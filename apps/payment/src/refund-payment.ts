import { Injectable } from '@nestjs/common';
import { logger } from '#libs/telemetry';
import { Providers } from './provider/providers.js';
import { refundKeyOf } from './provider-news.js';
import { ReportAnswer, type Started } from './report-answer.js';

const log = logger('refund');

/** Pays back under the payment's one refund key, again and again until the provider says that it has (R19). */
@Injectable()
export class RefundPayment {
  constructor(
    private readonly providers: Providers,
    private readonly report: ReportAnswer,
  ) {}

  async execute(started: Started): Promise<void> {
    const { row, provider } = started;
    const money = { reference: row.paymentId, amountMinor: row.amountMinor, currency: row.currency };
    const answer = await this.providers.byName(provider).refund(refundKeyOf(row.paymentId), money);
    if (answer.kind === 'unanswered')
      log.warn({ paymentId: row.paymentId, provider, reason: answer.reason }, 'refund not answered, asking again');
    await this.report.execute(started, answer);
  }
}
