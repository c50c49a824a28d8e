import { Injectable } from '@nestjs/common';
import { Outbox } from '#libs/outbox';
import { FollowOrder, type OrderEvent } from './follow-order.js';
import { eventAbout } from './payment-event.js';
import { RecordNews } from './record-news.js';
import { newPayment, writeDown } from './request-payment.js';
import { PaymentWorker } from './worker/payment-worker.js';

/**
 * Marks the payment of a cancelled order (R19): an unstarted one never starts, and whatever was or will be charged is paid
 * back. A payment never heard of is written down as ended, a tombstone for the order that may still come.
 */
@Injectable()
export class CancelPayment {
  constructor(
    private readonly order: FollowOrder,
    private readonly news: RecordNews,
    private readonly outbox: Outbox,
    private readonly worker: PaymentWorker,
  ) {}

  async execute(event: OrderEvent): Promise<void> {
    await this.order.execute(event, async (tx, row) => {
      const { payload } = event;
      if (row) {
        await this.news.apply(tx, row, { kind: 'order-cancelled' });
        return;
      }
      await writeDown(tx, newPayment(event, { status: 'FAILED', paymentToken: null, unwanted: true, seq: 1 }));
      await this.outbox.appendSealed(tx, [
        eventAbout({ ...payload, amountMinor: payload.totalMinor }, 'payment.failed', 1),
      ]);
    });
    this.worker.wake();
  }
}
