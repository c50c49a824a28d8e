import { Injectable } from '@nestjs/common';
import { InjectConfig } from '#libs/config';
import { type EventEnvelope, type EventPayload, paymentIdOf } from '#libs/contracts';
import { Batcher, Database, type Tx } from '#libs/database';
import { switchedOff } from '#libs/drill';
import { Inbox } from '#libs/outbox';
import { type PaymentSettings, paymentConfig } from './payment.config.js';
import { contradicted, tooEarly } from './payment.errors.js';
import { PaymentMetrics } from './payment.metrics.js';
import {
  type FirstRequest,
  lockPayment,
  type NewPayment,
  noteOrderSeq,
  type PaymentRow,
  requestPayments,
} from './payment.repository.js';

/** An event of an order. */
export type OrderEvent = EventEnvelope<
  'order.placed' | 'order.settlement-requested' | 'order.confirmed' | 'order.cancelled'
>;
/** What every event of an order says. */
export type OrderPayload = EventPayload<'order.confirmed'>;

/** What an event does to its payment; when that is not there yet, it is written down with the event's `seq`. */
export type Effect = (tx: Tx, row: PaymentRow | undefined) => Promise<void>;

/** Name of this service in its inbox. */
export const CONSUMER = 'payment';
/** Orders whose next event is awaited, at once; the longest awaiting is forgotten first. */
const MAX_AWAITED = 10_000;
/** Most first events in one statement. */
const MAX_BEGINNINGS = 100;
/** How long a first event waits for company, in ms: small beside the provider's answer. */
const LINGER_MS = 10;

/**
 * Takes the events of an order once each and in their order (R15): lower ones are duplicates, an event after a gap waits for
 * the missing one, but not for ever. Inbox, effect and sequence are one transaction.
 */
@Injectable()
export class FollowOrder {
  private readonly awaitedSinceMs = new Map<string, number>();
  private readonly beginnings = new Batcher<FirstRequest, void>({
    flush: async (requests) => {
      await requestPayments(this.database, CONSUMER, requests);
      return requests.map(() => undefined);
    },
    keyOf: ({ payment }) => payment.paymentId,
    maxItems: MAX_BEGINNINGS,
    lingerMs: LINGER_MS,
  });

  constructor(
    private readonly database: Database,
    private readonly inbox: Inbox,
    private readonly metrics: PaymentMetrics,
    @InjectConfig(paymentConfig) private readonly settings: PaymentSettings,
  ) {}

  /** The hot path: the first event of an order, which nearly always is the first thing heard of it. Many share a statement. */
  async begin({ eventId, payload }: OrderEvent, payment: NewPayment): Promise<void> {
    assertOwn(payload);
    await this.beginnings.add({ eventId, payment });
  }

  async execute(event: OrderEvent, effect: Effect): Promise<void> {
    const { orderId, paymentId } = event.payload;
    assertOwn(event.payload);
    await this.database.write(
      async (tx) => {
        if (!(await this.inbox.claim(tx, CONSUMER, event.eventId))) return;
        const row = await lockPayment(tx, paymentId);
        if (row) compare(row, event.payload);
        if (!this.isNext(event, row?.orderSeq ?? 0)) return;
        await effect(tx, row);
        if (row) await noteOrderSeq(tx, paymentId, event.seq);
      },
      { repeatable: true },
    );
    this.awaitedSinceMs.delete(orderId);
  }

  /** @throws AppError `payment-event-early` while the predecessor may still come */
  private isNext({ aggregateId, seq }: OrderEvent, seen: number): boolean {
    if (switchedOff('inbox')) return true;
    if (seq <= seen) return false;
    if (seq === seen + 1) return true;
    const nowMs = performance.now();
    const sinceMs = this.awaitedSinceMs.get(aggregateId) ?? nowMs;
    if (nowMs - sinceMs < this.settings.gapPatienceMs) {
      this.await(aggregateId, sinceMs);
      throw tooEarly(aggregateId, seq, seen + 1);
    }
    this.metrics.gapAccepted(aggregateId, seq);
    return true;
  }

  private await(orderId: string, sinceMs: number): void {
    this.awaitedSinceMs.set(orderId, sinceMs);
    const [oldest] = this.awaitedSinceMs.keys();
    if (this.awaitedSinceMs.size > MAX_AWAITED && oldest !== undefined) this.awaitedSinceMs.delete(oldest);
  }
}

/** No path can make a second provider key: the payment is a function of the order (R17). */
function assertOwn({ orderId, paymentId }: OrderPayload): void {
  if (paymentId !== paymentIdOf(orderId)) throw contradicted(paymentId, `order ${orderId} has another payment`);
}

function compare(row: PaymentRow, payload: OrderPayload): void {
  if (row.orderId !== payload.orderId || row.currency !== payload.currency || row.amountMinor !== payload.totalMinor)
    throw contradicted(row.paymentId, `its order asks for ${payload.totalMinor} ${payload.currency}`);
}
