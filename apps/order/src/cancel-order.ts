import { Injectable } from '@nestjs/common';
import { isUuid, type OrderStatus, type OrderView } from '#libs/contracts';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/outbox';
import { notCancellable, orderNotFound } from './order.errors.js';
import { cancel, canMove, paymentStatusAfterCancel } from './order.js';
import { isReal, ordersCancelled, revenueReturned } from './order.metrics.js';
import { type LockedOrder, lockOrders } from './sql/lock-orders.js';
import { moveOrders } from './sql/move-orders.js';
import { releaseStock } from './sql/release-stock.js';
import { selectOrder } from './sql/select-order.js';

type Outcome =
  | { readonly kind: 'cancelled'; readonly from: OrderStatus }
  | { readonly kind: 'already-cancelled' | 'refused' | 'absent' };

/**
 * Cancels an order for its customer: its pieces are free again, and payment refunds what it took (R19). Repeating it
 * answers the same.
 */
@Injectable()
export class CancelOrder {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /** @throws AppError `order-not-found` or `not-cancellable`, each only once it is durable (R5, R6) */
  async execute(orderId: string, customerId: string): Promise<OrderView> {
    if (!isUuid(orderId)) throw orderNotFound(orderId);
    const { outcome, order } = await this.database.write((tx) => this.run(tx, orderId, customerId), {
      repeatable: true,
    });
    if (order === undefined) throw orderNotFound(orderId);
    if (outcome.kind === 'refused') throw notCancellable(orderId, order.status);
    if (outcome.kind === 'cancelled' && isReal(customerId)) count(order, outcome.from);
    return order;
  }

  private async run(
    tx: Tx,
    orderId: string,
    customerId: string,
  ): Promise<{ outcome: Outcome; order: OrderView | undefined }> {
    // Without a lock first: repeats that lock the row would queue up behind each other's commits (R5).
    const seen = await selectOrder(tx, orderId, customerId);
    const isOpen = seen !== undefined && cancel(decisive(seen)) === 'cancel';
    const outcome = isOpen ? await this.cancelLocked(tx, orderId) : await this.assert(tx, seen);
    return { outcome, order: outcome.kind === 'absent' ? undefined : await selectOrder(tx, orderId, customerId) };
  }

  private async cancelLocked(tx: Tx, orderId: string): Promise<Outcome> {
    const order = (await lockOrders(tx, [orderId])).get(orderId);
    if (order === undefined || cancel(order) !== 'cancel' || !canMove(order.status, 'CANCELLED'))
      return await this.assert(tx, order);
    const eventSeq = order.eventSeq + 1;
    const { paymentSeq } = order;
    const paymentStatus = paymentStatusAfterCancel(order.paymentStatus);
    await moveOrders(tx, [
      { orderId, status: 'CANCELLED', cancelReason: 'customer', eventSeq, paymentSeq, paymentStatus },
    ]);
    await this.outbox.append(tx, cancelledEvent(order, eventSeq));
    await releaseStock(tx, [orderId]);
    return { kind: 'cancelled', from: order.status };
  }

  /** Nothing is written, but the answer says how things are: it waits until the standbys know, too (R5). */
  private async assert(
    tx: Tx,
    order: Pick<OrderView, 'status' | 'cancelReason'> | LockedOrder | undefined,
  ): Promise<Outcome> {
    await this.database.acknowledge(tx);
    if (order === undefined) return { kind: 'absent' };
    return { kind: cancel(decisive(order)) === 'already-cancelled' ? 'already-cancelled' : 'refused' };
  }
}

const decisive = (order: Pick<OrderView, 'status' | 'cancelReason'> | LockedOrder) => ({
  status: order.status,
  cancelReason: order.cancelReason ?? null,
});

function count(order: OrderView, from: OrderStatus): void {
  ordersCancelled.inc({ reason: 'customer' });
  if (from === 'CONFIRMED') revenueReturned.inc({ currency: order.currency }, order.totalMinor);
}

function cancelledEvent(order: LockedOrder, seq: number) {
  return {
    type: 'order.cancelled' as const,
    aggregateId: order.orderId,
    seq,
    payload: {
      orderId: order.orderId,
      paymentId: order.paymentId,
      customerId: order.customerId,
      currency: order.currency,
      totalMinor: order.totalMinor,
      cancelReason: 'customer' as const,
    },
  };
}
