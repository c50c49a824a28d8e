import { Injectable } from '@nestjs/common';
import { crashPoint } from '#libs/drill';
import { logger } from '#libs/telemetry';
import type { AskingStep } from './next-step.js';
import type { News } from './payment.js';
import type { AttemptOutcome, PaymentRow } from './payment.repository.js';
import type { ProviderAnswer } from './provider/provider.js';
import { newsOf } from './provider-news.js';
import { RecordNews } from './record-news.js';

const log = logger('payment');

/** An attempt whose row is committed: its provider may be asked now. */
export type Started = {
  readonly row: PaymentRow;
  readonly step: AskingStep['kind'];
  readonly provider: string;
  readonly attempt: number;
  readonly owner: string;
};

/** Turns a provider's answer to an attempt into news, and records both. */
@Injectable()
export class ReportAnswer {
  constructor(private readonly news: RecordNews) {}

  async execute(started: Started, answer: ProviderAnswer | { kind: 'key-expired' }): Promise<void> {
    crashPoint('after-provider-call-before-commit');
    const { news, outcome } = weigh(started, answer);
    const { row, attempt, owner } = started;
    await this.news.execute({ paymentId: row.paymentId, news, attempt: { number: attempt, owner, outcome } });
  }
}

function weigh(
  { row, provider }: Started,
  answer: ProviderAnswer | { kind: 'key-expired' },
): { news: News; outcome: AttemptOutcome } {
  const unanswered: News = { kind: 'unanswered', provider };
  switch (answer.kind) {
    case 'unreachable':
      return { news: { kind: 'unreachable', provider }, outcome: 'unreachable' };
    case 'not-asked':
      return { news: unanswered, outcome: 'not-asked' };
    case 'unanswered':
      return { news: unanswered, outcome: 'unanswered' };
    case 'key-expired':
      return { news: { kind: 'voided', provider }, outcome: 'voided' };
    case 'result':
      try {
        const news = newsOf(answer.result, provider, row);
        return { news, outcome: news.kind as AttemptOutcome };
      } catch (error) {
        // Money may have moved, but not as agreed: it stays unknown, and a person must look.
        log.error({ err: error, paymentId: row.paymentId, provider }, 'provider contradicts the payment');
        return { news: unanswered, outcome: 'unanswered' };
      }
  }
}
