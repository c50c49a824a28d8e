import type { CancelReason, OrderStatus, PaymentStatus } from '#libs/contracts';
import { named, type Tx } from '#libs/database';

/** An order that nobody else can move until the transaction ends. */
export type LockedOrder = {
  readonly orderId: string;
  readonly customerId: string;
  readonly paymentId: string;
  readonly status: OrderStatus;
  readonly cancelReason: CancelReason | null;
  readonly currency: string;
  readonly totalMinor: number;
  readonly eventSeq: number;
  readonly paymentSeq: number;
  readonly paymentStatus: PaymentStatus;
};

const statement = named(
  'lock-orders',
  `SELECT order_id AS "orderId", customer_id AS "customerId", payment_id AS "paymentId", status,
          cancel_reason AS "cancelReason", currency, total_minor AS "totalMinor", event_seq AS "eventSeq",
          payment_seq AS "paymentSeq", payment_status AS "paymentStatus"
     FROM orders WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE`,
);

/** Locks orders, by id. Always before stock: orders, then shelves, is the one order of locks. */
export async function lockOrders(tx: Tx, orderIds: readonly string[]): Promise<ReadonlyMap<string, LockedOrder>> {
  const rows = await tx.run<LockedOrder>(statement, [orderIds]);
  return new Map(rows.map((row) => [row.orderId, row]));
}
