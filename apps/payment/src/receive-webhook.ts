import { Injectable } from '@nestjs/common';
import type { PspWebhook } from '#libs/contracts';
import { Batcher, Database } from '#libs/database';
import { AppError } from '#libs/errors';
import { logger } from '#libs/telemetry';
import { paymentNotFound } from './payment.errors.js';
import { learn, type News } from './payment.js';
import { type PaymentRow, readPayments } from './payment.repository.js';
import { Providers } from './provider/providers.js';
import { newsOf } from './provider-news.js';
import { RecordNews } from './record-news.js';
import { PaymentWorker } from './worker/payment-worker.js';

const log = logger('webhook');

/** Most payments read in one statement. */
const MAX_READ = 100;
/** How long a webhook waits for company, in ms: only its sender waits. */
const LINGER_MS = 20;

/**
 * Takes a provider's word about a payment, in whatever state it is: early, doubled, late, replayed. It says the same as the
 * answer did or would have, so it is recorded the same way, and nothing happens twice.
 */
@Injectable()
export class ReceiveWebhook {
  private readonly reads = new Batcher<string, PaymentRow | undefined>({
    flush: (paymentIds) => this.read(paymentIds),
    keyOf: (paymentId) => paymentId,
    maxItems: MAX_READ,
    lingerMs: LINGER_MS,
  });

  constructor(
    private readonly database: Database,
    private readonly providers: Providers,
    private readonly news: RecordNews,
    private readonly worker: PaymentWorker,
  ) {}

  /** @throws AppError `payment-not-found`, so that the provider tells again later */
  async execute(webhook: PspWebhook): Promise<void> {
    const { provider, result } = webhook;
    if (!this.providers.isKnown(provider)) throw invalid(`There is no provider ${provider}.`);
    const paymentId = result.reference;
    const payment = await this.reads.add(paymentId);
    if (!payment) throw paymentNotFound(paymentId);
    const news = understand(webhook, payment);
    // Mostly the answer was faster; then a read is all it takes.
    if (learn(payment, news).kind === 'nothing-new') return;
    await this.news.execute({ paymentId, news });
    this.worker.wake();
  }

  private async read(paymentIds: readonly string[]): Promise<Array<PaymentRow | undefined>> {
    const payments = await readPayments(this.database, paymentIds);
    return paymentIds.map((paymentId) => payments.get(paymentId));
  }
}

/** @throws AppError `payment-contradicted`: money may have moved, but not as agreed, and a person must look */
function understand({ provider, result, webhookId }: PspWebhook, payment: PaymentRow): News {
  try {
    return newsOf(result, provider, payment);
  } catch (cause) {
    log.error({ err: cause, paymentId: payment.paymentId, provider, webhookId }, 'webhook contradicts the payment');
    const message = `The webhook contradicts payment ${payment.paymentId}. Compare amount, currency and key.`;
    throw new AppError({ code: 'payment-contradicted', kind: 'unprocessable', message, cause });
  }
}

const invalid = (message: string): AppError => new AppError({ code: 'invalid-request', kind: 'invalid', message });
