import { hash } from 'node:crypto';
import {
  canonicalJson,
  DEFAULT_CURRENCY,
  type OrderItem,
  type PlaceOrderBody,
  paymentIdOf,
  uuidv7,
} from '#libs/contracts';
import { sealEvent } from '#libs/outbox';

/** Identity of a request: equal for equal customer, route and `Idempotency-Key`. 128 bits, as 32 hex digits. */
export type RequestKey = { readonly key: string; readonly request: string };

/**
 * An order as it will be written, with the very bytes that will be answered: a batch whose outcome is unknown is repeated
 * with the same ids and the same text (R8).
 */
export type Draft = RequestKey & {
  /** Advisory lock of the key: its first 64 bits, signed. */
  readonly lock: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly customerId: string;
  readonly paymentToken: string;
  readonly correlationId: string;
  readonly totalMinor: number;
  readonly lines: readonly OrderItem[];
  /** When it was drafted, ISO 8601. */
  readonly at: string;
  readonly body: string;
  readonly eventId: string;
  readonly lane: number;
  readonly event: string;
};

/** Who orders what. */
export type DraftRequest = {
  readonly customerId: string;
  readonly body: PlaceOrderBody;
  readonly correlationId: string;
};

const ROUTE = 'POST /orders';
/** Half of SHA-256, in hex digits: 128 bits are beyond accident and attack. */
const DIGEST_DIGITS = 32;
const LOCK_DIGITS = 16;

const digest = (text: string): string => hash('sha256', text, 'hex').slice(0, DIGEST_DIGITS);

/** Digests of who asks with which key, and of what is asked: bodies that are equal as canonical JSON are equal. */
export function requestKey(customerId: string, idempotencyKey: string, body: PlaceOrderBody): RequestKey {
  return {
    key: digest(`${customerId}\u001f${ROUTE}\u001f${idempotencyKey}`),
    request: digest(canonicalJson(body)),
  };
}

/** Fixes everything about an order but whether it can be had. */
export function draftOrder(id: RequestKey, request: DraftRequest, priceOf: (sku: string) => number): Draft {
  const nowMs = Date.now();
  const lines = request.body.items.map(({ sku, quantity }) => ({ sku, quantity, unitPriceMinor: priceOf(sku) }));
  const orderId = uuidv7(nowMs);
  const order = {
    orderId,
    paymentId: paymentIdOf(orderId),
    customerId: request.customerId,
    totalMinor: lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0),
    lines,
    at: new Date(nowMs).toISOString(),
    paymentToken: request.body.paymentToken,
  };
  const { eventId, lane, value } = sealEvent(placedEvent(order));
  return {
    ...id,
    ...order,
    lock: BigInt.asIntN(64, BigInt(`0x${id.key.slice(0, LOCK_DIGITS)}`)).toString(),
    correlationId: request.correlationId,
    body: answerBody(order),
    eventId,
    lane,
    event: value,
  };
}

type Ordered = Pick<Draft, 'orderId' | 'paymentId' | 'customerId' | 'totalMinor' | 'lines' | 'at' | 'paymentToken'>;

/** The order as `GET /orders/:orderId` would show it now. */
function answerBody(order: Ordered): string {
  return JSON.stringify({
    orderId: order.orderId,
    status: 'PLACED',
    customerId: order.customerId,
    currency: DEFAULT_CURRENCY,
    totalMinor: order.totalMinor,
    items: order.lines,
    payment: { paymentId: order.paymentId, status: 'REQUESTED' },
    version: 1,
    createdAt: order.at,
    updatedAt: order.at,
  });
}

function placedEvent(order: Ordered) {
  return {
    type: 'order.placed' as const,
    aggregateId: order.orderId,
    seq: 1,
    payload: {
      orderId: order.orderId,
      paymentId: order.paymentId,
      customerId: order.customerId,
      currency: DEFAULT_CURRENCY,
      totalMinor: order.totalMinor,
      items: [...order.lines],
      paymentToken: order.paymentToken,
      placedAt: order.at,
    },
  };
}
