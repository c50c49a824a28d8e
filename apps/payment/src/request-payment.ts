import { Injectable } from '@nestjs/common';
import type { EventPayload, PaymentStatus } from '#libs/contracts';
import type { Tx } from '#libs/database';
import { switchedOff } from '#libs/drill';
import { AppError } from '#libs/errors';
import { Outbox } from '#libs/outbox';
import { RequestContext } from '#libs/telemetry';
import { FollowOrder, type OrderEvent, type OrderPayload } from './follow-order.js';
import { answersTo } from './payment.js';
import { insertPayment, makeDue, type NewPayment, type PaymentRow, savePayments } from './payment.repository.js';
import { eventAbout } from './payment-event.js';
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
    const isFirst = event.type === 'order.placed' && event.seq === 1 && !switchedOff('inbox');
    if (isFirst) await this.order.begin(event, requested(event));
    else await this.order.execute(event, (tx, row) => this.startOrAnswer(tx, row, event));
    this.worker.wake();
  }

  private async startOrAnswer(
    tx: Tx,
    row: PaymentRow | undefined,
    event: OrderEvent & { payload: Settlement },
  ): Promise<void> {
    if (!row) await writeDown(tx, requested(event));
    else if (event.type === 'order.settlement-requested') await this.answer(tx, row);
  }

  private async answer(tx: Tx, row: PaymentRow): Promise<void> {
    const answers = answersTo(row.status);
    if (answers.length === 0) return makeDue(tx, row.paymentId);
    const seq = row.seq + answers.length;
    // Nothing but the sequence moves: whoever works on the payment, or when it is due, stays.
    const schedule = { owner: row.owner, dueInMs: row.status === 'REFUNDING' ? 0 : null };
    await savePayments(tx, [{ row, change: { payment: row, seq, schedule } }]);
    const events = answers.map((type, index) => eventAbout(row, type, row.seq + 1 + index));
    await this.outbox.appendSealed(tx, events);
  }
}

const requested = (event: { readonly seq: number; readonly payload: Settlement }): NewPayment =>
  newPayment(event, {
    status: 'REQUESTED',
    paymentToken: event.payload.paymentToken,
    placedAt: event.payload.placedAt,
  });

/** A payment in its first state, as an event of its order asks for it. */
export function newPayment(
  event: { readonly seq: number; readonly payload: OrderPayload },
  first: { status: PaymentStatus; paymentToken: string | null; placedAt?: string; unwanted?: boolean; seq?: number },
): NewPayment {
  const { orderId, paymentId, customerId, currency, totalMinor } = event.payload;
  const { correlationId, traceparent } = RequestContext.current();
  return {
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
    placedAt: first.placedAt,
  };
}

/**
 * Inserts a payment.
 * @throws AppError `payment-event-early` when another process was faster: the event is tried again and finds the row
 */
export async function writeDown(tx: Tx, payment: NewPayment): Promise<void> {
  if (await insertPayment(tx, payment)) return;
  const message = `Payment ${payment.paymentId} was written down by another process just now. The event is tried again.`;
  throw new AppError({ code: 'payment-event-early', kind: 'unavailable', message });
}
