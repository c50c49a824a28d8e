import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CancelReason, uuidv7 } from '#libs/contracts';
import {
  cancel,
  canMove,
  isFinal,
  type OrderState,
  type PaymentEvent,
  paymentStatusAfterCancel,
  settle,
} from './order.js';

const TOTAL = 12_900;
const placed: OrderState = {
  status: 'PLACED',
  cancelReason: null,
  currency: 'KRW',
  totalMinor: TOTAL,
  paymentSeq: 0,
  paymentStatus: 'REQUESTED',
};

const event = (type: PaymentEvent['type'], seq: number, amountMinor = TOTAL): PaymentEvent =>
  ({
    eventId: uuidv7(),
    type,
    version: 1,
    aggregateId: uuidv7(),
    seq,
    occurredAt: '2026-11-24T00:00:00.000Z',
    payload: { paymentId: uuidv7(), orderId: uuidv7(), currency: 'KRW', amountMinor, reason: 'SYSTEM_ERROR' },
  }) as PaymentEvent;

/** What the use cases do with a settlement, without a database; counts what must happen once. */
type World = { order: OrderState; released: number; confirmed: number; cancelled: number };
const newWorld = (): World => ({ order: placed, released: 0, confirmed: 0, cancelled: 0 });

function apply(world: World, news: PaymentEvent): void {
  const result = settle(world.order, news, true);
  if (result.kind === 'duplicate' || result.kind === 'gap') return;
  const known = { paymentSeq: news.seq, paymentStatus: result.paymentStatus };
  if (result.kind === 'progress') return move(world, known);
  if (result.kind === 'confirm') move(world, { ...known, status: 'CONFIRMED' }, () => world.confirmed++);
  if (result.kind === 'review') move(world, { ...known, status: 'MANUAL_REVIEW' });
  if (result.kind === 'cancel') end(world, result.reason, known);
}

function wish(world: World): void {
  if (cancel(world.order) === 'cancel')
    end(world, 'customer', { paymentStatus: paymentStatusAfterCancel(world.order.paymentStatus) });
}

function end(world: World, cancelReason: CancelReason, known: Partial<OrderState>): void {
  move(world, { ...known, status: 'CANCELLED', cancelReason }, () => {
    world.cancelled++;
    world.released++;
  });
}

function move(world: World, change: Partial<OrderState>, onMove: () => void = () => {}): void {
  const next = { ...world.order, ...change };
  if (next.status !== world.order.status) expect(canMove(world.order.status, next.status)).toBe(true);
  world.order = next;
  onMove();
}

describe(settle.name, () => {
  describe('when the payment says how it ended', () => {
    it.each([
      ['payment.succeeded', { kind: 'confirm', paymentStatus: 'SUCCEEDED' }],
      ['payment.declined', { kind: 'cancel', paymentStatus: 'DECLINED', reason: 'payment-declined' }],
      ['payment.failed', { kind: 'cancel', paymentStatus: 'FAILED', reason: 'payment-system-error' }],
      ['payment.processing', { kind: 'progress', paymentStatus: 'PROCESSING' }],
    ] as const)('%s settles a waiting order', (type, settlement) => {
      expect(settle(placed, event(type, 1))).toEqual(settlement);
      expect(settle({ ...placed, status: 'MANUAL_REVIEW' }, event(type, 1))).toEqual(settlement);
    });
  });

  describe('when the news is late, doubled or early', () => {
    it('ignores what it has had', () => {
      const confirmed: OrderState = { ...placed, status: 'CONFIRMED', paymentSeq: 2, paymentStatus: 'SUCCEEDED' };
      expect(settle(confirmed, event('payment.succeeded', 2))).toEqual({ kind: 'duplicate' });
      expect(settle(confirmed, event('payment.declined', 1))).toEqual({ kind: 'duplicate' });
    });

    it('never moves a final order, and shows that the money of a cancelled one goes back', () => {
      const cancelled: OrderState = { ...placed, status: 'CANCELLED', cancelReason: 'customer' };
      expect(settle(cancelled, event('payment.succeeded', 1))).toEqual({
        kind: 'progress',
        paymentStatus: 'REFUNDING',
      });
      expect(settle(cancelled, event('payment.refunded', 1))).toEqual({ kind: 'progress', paymentStatus: 'REFUNDED' });
    });

    it('waits for a missing event, unless told that it does not come', () => {
      expect(settle(placed, event('payment.succeeded', 2))).toEqual({ kind: 'gap', missingSeq: 1 });
      expect(settle(placed, event('payment.succeeded', 2), true).kind).toBe('confirm');
    });
  });

  describe('when another amount was paid than the order costs', () => {
    it('asks for a person', () => {
      expect(settle(placed, event('payment.succeeded', 1, TOTAL - 1)).kind).toBe('review');
    });
  });

  describe('when news is dropped, doubled and reordered, and the customer cancels at any time', () => {
    const story = fc.array(
      fc.oneof(
        fc.record({
          type: fc.constantFrom<PaymentEvent['type']>(
            'payment.processing',
            'payment.succeeded',
            'payment.declined',
            'payment.refunded',
            'payment.failed',
          ),
          seq: fc.integer({ min: 1, max: 6 }),
        }),
        fc.constant('cancel' as const),
      ),
      { maxLength: 20 },
    );

    it('makes legal moves only, and every effect at most once', () => {
      fc.assert(
        fc.property(story, (steps) => {
          const world = newWorld();
          for (const step of steps) {
            if (step === 'cancel') wish(world);
            else apply(world, event(step.type, step.seq));
          }
          expect(world.released).toBe(world.order.status === 'CANCELLED' ? 1 : 0);
          expect(world.confirmed).toBeLessThanOrEqual(1);
          expect(world.cancelled).toBe(world.released);
          if (isFinal(world.order.status)) expect(world.confirmed + world.cancelled).toBeGreaterThan(0);
        }),
        { numRuns: 5_000 },
      );
    });
  });
});

describe(cancel.name, () => {
  it.each([
    ['PLACED', null, 'cancel'],
    ['CONFIRMED', null, 'cancel'],
    ['CANCELLED', 'customer', 'already-cancelled'],
    ['CANCELLED', 'payment-declined', 'refuse'],
    ['MANUAL_REVIEW', null, 'refuse'],
  ] as const)('a customer asks to cancel a %s order (%s): %s', (status, cancelReason, expected) => {
    expect(cancel({ status, cancelReason })).toBe(expected);
  });
});
