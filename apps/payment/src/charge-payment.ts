import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectConfig } from '#libs/config';
import { switchedOff } from '#libs/drill';
import { logger } from '#libs/telemetry';
import { type PaymentSettings, paymentConfig } from './payment.config.js';
import type { PaymentRow } from './payment.repository.js';
import type { ProviderAnswer } from './provider/provider.js';
import { Providers } from './provider/providers.js';
import { chargeKeyOf } from './provider-news.js';
import { ReportAnswer, type Started } from './report-answer.js';

const log = logger('charge');

/**
 * Asks the provider that a started attempt names: charge, void by key, or query. No transaction is open meanwhile; a crash at
 * any point leaves the attempt's row, from which the next worker goes on with the same key.
 */
@Injectable()
export class ChargePayment {
  constructor(
    private readonly providers: Providers,
    private readonly report: ReportAnswer,
    @InjectConfig(paymentConfig) private readonly settings: PaymentSettings,
  ) {}

  async execute(started: Started): Promise<void> {
    const answer = await this.ask(started);
    if (answer.kind === 'unanswered') {
      const { paymentId, provider } = started.row;
      log.warn({ paymentId, provider, step: started.step, reason: answer.reason }, 'provider did not answer');
    }
    await this.report.execute(started, answer);
  }

  private ask({ row, step, provider }: Started): Promise<ProviderAnswer | { kind: 'key-expired' }> {
    const asked = this.providers.byName(provider);
    const money = { reference: row.paymentId, amountMinor: row.amountMinor, currency: row.currency };
    if (step === 'query') return this.query(row, provider);
    if (step === 'void') return asked.void(chargeKeyOf(row.paymentId), money);
    const key = switchedOff('provider-key') ? randomUUID() : chargeKeyOf(row.paymentId);
    return asked.charge(key, { ...money, paymentToken: row.paymentToken ?? '' });
  }

  /** Not found proves nothing before the key's whole lifetime is over; after it the key can charge nothing any more. */
  private async query(row: PaymentRow, provider: string): Promise<ProviderAnswer | { kind: 'key-expired' }> {
    const answer = await this.providers.byName(provider).query(row.paymentId);
    if (answer.kind !== 'results') return answer;
    const result = answer.results.find(({ idempotencyKey }) => idempotencyKey === chargeKeyOf(row.paymentId));
    if (result) return { kind: 'result', result };
    if (row.askedAgoMs >= this.settings.keyLifetimeMs) return { kind: 'key-expired' };
    return { kind: 'unanswered', reason: 'not found, which proves nothing yet' };
  }
}
