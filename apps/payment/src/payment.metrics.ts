import { Injectable } from '@nestjs/common';
import { counter, gauge, logger } from '#libs/telemetry';
import type { Payment } from './payment.js';
import type { Recorded, Report } from './report.js';

const log = logger('payment');

/** Open payments of one status. */
export type OpenPayments = { readonly status: string; readonly count: number; readonly oldestUnknownSeconds: number };

const OPEN_STATUSES = ['REQUESTED', 'PROCESSING', 'UNKNOWN', 'REFUNDING'] as const;

/** What operations sees of payments. */
@Injectable()
export class PaymentMetrics {
  private readonly payments = counter('payments_total', 'Payments by the status they came to.', ['status']);
  private readonly attempts = counter('payment_attempts_total', 'Attempts at providers by how they ended.', [
    'provider',
    'outcome',
  ]);
  private readonly refunds = counter('payment_refunds_total', 'Refund calls by how they ended.', ['outcome']);
  private readonly strays = counter('payment_strays_total', 'Charges at a provider where the payment is not.');
  private readonly late = counter('payment_order_gaps_total', 'Events of orders accepted without their predecessor.');
  private readonly open = gauge('payments_open', 'Payments that are under way.', ['status']);
  private readonly unknownAge = gauge('payment_unknown_age_seconds', 'Age of the oldest unknown payment.');

  /** Counts what was reported, and calls for a person where one is needed. */
  heard({ paymentId, news, attempt }: Report, recorded: Recorded, payment: Payment | undefined): void {
    const provider = 'provider' in news ? news.provider : 'none';
    if (attempt) this.attempts.inc({ provider, outcome: attempt.outcome });
    if (recorded === 'changed' && payment) this.payments.inc({ status: payment.status });
    if (news.kind === 'refunded' && recorded === 'changed') this.refunds.inc({ outcome: 'succeeded' });
    if (news.kind === 'refund-refused') {
      this.refunds.inc({ outcome: 'refused' });
      log.error({ paymentId, provider }, 'refund refused: pay back by hand, then settle it with the provider');
    }
    if (recorded === 'stray') {
      this.strays.inc();
      log.error({ paymentId, provider }, 'charged where the payment is not: compare with the ledger, pay back by hand');
    }
  }

  /** An event of an order was accepted although the one before it never came. */
  gapAccepted(orderId: string, seq: number): void {
    this.late.inc();
    log.error({ orderId, seq }, 'event accepted without its predecessor: look into the dead letter');
  }

  /** Payments under way, as the database has them. */
  setOpen(found: readonly OpenPayments[]): void {
    for (const status of OPEN_STATUSES)
      this.open.set({ status }, found.find((one) => one.status === status)?.count ?? 0);
    this.unknownAge.set(Math.max(0, ...found.map(({ oldestUnknownSeconds }) => oldestUnknownSeconds)));
  }
}
