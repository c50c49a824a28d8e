import { Injectable } from '@nestjs/common';
import type { EventPayload, PaymentStatus } from '#libs/contracts';
import type { Tx } from '#libs/database';
import { AppError } from '#libs/errors';
import { Outbox } from '#libs/outbox';
import { RequestContext } from '#libs/telemetry';
import { FollowOrder, type OrderEvent, type OrderPayload } from './follow-order.js';
import { answersTo } from './payment.js';
import { insertPayment, makeDue, type PaymentRow, savePayment } from './payment.repository.js';
import { tell } from './payment-event.js';
import { PaymentWorker } from './worker/payment-worker.js';

type Settlement = EventPayload<'order.placed'>;

/**
 * Starts the payment of an order: writes it down and wakes a worker, so that the lane never waits for a provider. Asked again
 * (R21), it says again how the payment ended, as a new event with the next sequence number, for the order takes every
 * number once.
 */
@Injectable()
export class RequestPayment {
  constructor(
    private readonly order: FollowOrder,
    private readonly outbox: Outbox,
    private readonly worker: PaymentWorker,
  ) {}

  async execute(event: OrderEvent & { payload: Settlement }): Promise<void> {
    await this.order.execute(event, async (tx, row) => {
      if (!row) await writeDown(tx, event, { status: 'REQUESTED', paymentToken: event.payload.paymentToken });
      else if (event.type === 'order.settlement-requested') await this.answer(tx, row);
    });
    this.worker.wake();
  }

  private async answer(tx: Tx, row: PaymentRow): Promise<void> {
    const answers = answersTo(row.status);
    if (answers.length === 0) return makeDue(tx, row.paymentId);
    const seq = row.seq + answers.length;
    // Nothing but the sequence moves: whoever works on the payment, or when it is due, stays.
    await savePayment(tx, row, {
      payment: row,
      seq,
      schedule: { owner: row.owner, dueInMs: row.status === 'REFUNDING' ? 0 : null },
    });
    for (const [index, type] of answers.entries()) await tell(tx, this.outbox, row, { type, seq: row.seq + 1 + index });
  }
}

/**
 * Inserts a payment in its first state.
 * @throws AppError `payment-event-early` when another process was faster: the event is tried again and finds the row
 */
export async function writeDown(
  tx: Tx,
  event: { readonly seq: number; readonly payload: OrderPayload },
  first: { status: PaymentStatus; paymentToken: string | null; unwanted?: boolean; seq?: number },
): Promise<void> {
  const { orderId, paymentId, customerId, currency, totalMinor } = event.payload;
  const { correlationId, traceparent } = RequestContext.current();
  const isFirst = await insertPayment(tx, {
    paymentId,
    orderId,
    customerId,
    currency,
    amountMinor: totalMinor,
    status: first.status,
    paymentToken: first.paymentToken,
    unwanted: first.unwanted ?? false,
    seq: first.seq ?? 0,
    orderSeq: event.seq,
    correlationId,
    traceparent,
  });
  if (isFirst) return;
  const message = `Payment ${paymentId} was written down by another process just now. The event is tried again.`;
  throw new AppError({ code: 'payment-event-early', kind: 'unavailable', message });
}
