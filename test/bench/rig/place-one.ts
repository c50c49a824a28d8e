import { canonicalJson, uuidv7 } from '#libs/contracts';
import { sealEvent } from '#libs/outbox';

const DAY_MS = 86_400_000;
/** Half of a UUIDv7's time stamp: one step is 4.7 h. */
const PREFIX_DIGITS = 6;

let script = 0;

/** Values of `place-one.sql` that stay the same for a run of it. `round` must never come twice on the same tables. */
export function placeOneVariables(round: number): Record<string, string> {
  const line = { sku: 'TF-0001', quantity: 1, unitPriceMinor: 50_400 };
  const orderId = uuidv7();
  const order = {
    orderId,
    paymentId: orderId,
    customerId: 'bench-1000',
    currency: 'KRW' as const,
    totalMinor: 100_800,
  };
  const items = [line, { ...line, sku: 'TF-0002' }];
  const at = new Date().toISOString();
  const payload = { ...order, items, paymentToken: 'tok_ok', placedAt: at };
  const event = sealEvent({ type: 'order.placed', aggregateId: orderId, seq: 1, payload });
  const payment = { paymentId: orderId, status: 'REQUESTED' };
  const answer = { ...order, status: 'PLACED', items, payment, version: 1, createdAt: at, updatedAt: at };
  return {
    counter: '0',
    hot: '0',
    round: String((round % 10) + 10 * (script++ % 8)),
    day_prefix: todayPrefix(),
    customer: order.customerId,
    location: `/orders/${orderId}`,
    body: canonicalJson(answer),
    event: event.value,
  };
}

/** The first digits of time stamps that all lie within today, whatever digits follow. */
export function todayPrefix(): string {
  const startMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const digits = startMs
    .toString(16)
    .padStart(2 * PREFIX_DIGITS, '0')
    .slice(0, PREFIX_DIGITS);
  return (Number.parseInt(digits, 16) + 1).toString(16).padStart(PREFIX_DIGITS, '0');
}
