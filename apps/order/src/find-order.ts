import { Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { isUuid, madeAtMs, type OrderView, type Page, type PageQuery } from '#libs/contracts';
import { Database } from '#libs/database';
import { decodeCursor, pageOf } from './cursor.js';
import { orderConfig } from './order.config.js';
import { orderNotFound } from './order.errors.js';
import { isFinal } from './order.js';
import { selectOrder, selectOrders } from './sql/select-order.js';

/** Shows customers their own orders. An order that was answered with 201 is never missing (R6). */
@Injectable()
export class FindOrder {
  constructor(
    private readonly database: Database,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
  ) {}

  /**
   * What may still change is read from the primary while there is one, all else from a replica.
   * @throws AppError `order-not-found`, only after proof; `unavailable` when there is no primary to prove it
   */
  async one(orderId: string, customerId: string): Promise<OrderView> {
    if (!isUuid(orderId)) throw orderNotFound(orderId);
    const isYoung = Date.now() - madeAtMs(orderId) < this.config.freshReadMs;
    const stale = isYoung ? undefined : await this.read(orderId, customerId, 'replica');
    if (stale && isFinal(stale.status)) return stale;
    return (await this.read(orderId, customerId, 'primary')) ?? (await this.proven(orderId, customerId));
  }

  /** Newest first. The first page is read from the primary, so that it shows an order just placed. */
  async page(customerId: string, { limit, after }: PageQuery): Promise<Page<OrderView>> {
    const before = decodeCursor(after, isUuid);
    const read = (from: 'primary' | 'replica') =>
      this.database.read((tx) => selectOrders(tx, customerId, before, limit + 1), { from });
    const orders = await read(before === undefined ? 'primary' : 'replica');
    return pageOf(orders, limit, (order) => order.orderId);
  }

  private async proven(orderId: string, customerId: string): Promise<OrderView> {
    const order = await this.database.proveAbsent((tx) => selectOrder(tx, orderId, customerId));
    if (order === undefined) throw orderNotFound(orderId);
    return order;
  }

  private read(orderId: string, customerId: string, from: 'primary' | 'replica'): Promise<OrderView | undefined> {
    return this.database.read((tx) => selectOrder(tx, orderId, customerId), { from });
  }
}
