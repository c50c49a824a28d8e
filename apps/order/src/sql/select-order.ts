import type { OrderItem, OrderView } from '#libs/contracts';
import { named, type Tx } from '#libs/database';

/** A row of {@link orderColumns}. */
type OrderRow = {
  readonly orderId: string;
  readonly status: OrderView['status'];
  readonly customerId: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly items: OrderItem[];
  readonly paymentId: string;
  readonly paymentStatus: OrderView['payment']['status'];
  readonly provider: string | null;
  readonly cancelReason: OrderView['cancelReason'] | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Everything that an order's customer sees, its items included: one trip, one index look-up per order. */
const orderColumns = `o.order_id AS "orderId", o.status, o.customer_id AS "customerId", o.currency,
  o.total_minor AS "totalMinor", o.payment_id AS "paymentId", o.payment_status AS "paymentStatus", o.provider,
  o.cancel_reason AS "cancelReason", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt",
  (SELECT json_agg(json_build_object('sku', i.sku, 'quantity', i.quantity, 'unitPriceMinor', i.unit_price_minor) ORDER BY i.line)
     FROM order_items i WHERE i.order_id = o.order_id) AS items`;

const one = named('select-order', `SELECT ${orderColumns} FROM orders o WHERE o.order_id = $1 AND o.customer_id = $2`);

const newestFirst = named(
  'select-orders',
  `SELECT ${orderColumns} FROM orders o
    WHERE o.customer_id = $1 AND o.order_id < $2 ORDER BY o.order_id DESC LIMIT $3`,
);

/** Above every id. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The order, if it is the customer's own. */
export async function selectOrder(tx: Tx, orderId: string, customerId: string): Promise<OrderView | undefined> {
  const [row] = await tx.run<OrderRow>(one, [orderId, customerId]);
  return row === undefined ? undefined : viewOf(row);
}

/** At most `limit` of the customer's orders, newest first, older than `before`. */
export async function selectOrders(
  tx: Tx,
  customerId: string,
  before: string | undefined,
  limit: number,
): Promise<OrderView[]> {
  const rows = await tx.run<OrderRow>(newestFirst, [customerId, before ?? LAST_ID, limit]);
  return rows.map(viewOf);
}

function viewOf(row: OrderRow): OrderView {
  return {
    orderId: row.orderId,
    status: row.status,
    customerId: row.customerId,
    currency: row.currency,
    totalMinor: row.totalMinor,
    items: row.items,
    payment: {
      paymentId: row.paymentId,
      status: row.paymentStatus,
      ...(row.provider === null ? {} : { provider: row.provider }),
    },
    ...(row.cancelReason ? { cancelReason: row.cancelReason } : {}),
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
