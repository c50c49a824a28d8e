import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { Payments, type TestOrder } from '../test/open-payments.js';
import { NoteConfirmed } from './note-confirmed.js';

jest.setTimeout(60_000);
let payments: Payments;

beforeAll(async () => {
  payments = await Payments.open({ PAYMENT_GAP_PATIENCE_MS: '500' });
}, 60_000);
afterAll(() => payments[Symbol.asyncDispose]());

async function paid(): Promise<TestOrder> {
  const order = await payments.place('tok_ok');
  await eventually(async () => expect((await payments.row(order)).status).toBe('SUCCEEDED'), { timeoutMs: 30_000 });
  return order;
}

async function confirm(order: TestOrder, seq: number): Promise<void> {
  const { orderId, paymentId, customerId, currency, totalMinor } = order;
  const payload = { orderId, paymentId, customerId, currency, totalMinor };
  await payments.publish({ type: 'order.confirmed', aggregateId: orderId, seq, payload });
}

/** Numbers of the newest event of each order that payment has seen. */
const seen = (...orders: TestOrder[]) =>
  Promise.all(orders.map(async (order) => (await payments.row(order)).order_seq));
const WAIT = { timeoutMs: 20_000 };

describe(NoteConfirmed.name, () => {
  it('lets the sequence of each order go on, and of no other', async () => {
    const [first, second, other] = await Promise.all([paid(), paid(), paid()]);
    await Promise.all([confirm(first, 2), confirm(second, 2)]);
    await eventually(async () => expect(await seen(first, second, other)).toEqual([2, 2, 1]), WAIT);
  });

  it('goes on after a gap once the missing event does not come, and takes what comes twice once (R15)', async () => {
    const order = await paid();
    await confirm(order, 3);
    await eventually(async () => expect(await seen(order)).toEqual([3]), WAIT);
    await confirm(order, 3);
    await confirm(order, 4);
    await eventually(async () => expect(await seen(order)).toEqual([4]), WAIT);
  });
});
