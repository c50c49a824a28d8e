import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EventType, laneOf, paymentIdOf, topicOf, uuidv7 } from '#libs/contracts';
import { emptyDossier } from '../fact-store.js';
import type { Dossier, FencedAct, KeyDossier, ShelfFact, Timeline } from '../facts.js';
import type { InvariantId } from '../invariant.js';
import { judge } from '../judge.js';
import { invariants } from './index.js';

const NOW_MS = Date.UTC(2026, 10, 27, 12);
const TOTAL = 12_300;
const timeline: Timeline = { healedAtMs: NOW_MS, outboxSinceMs: NOW_MS - 3_600_000, keysSinceMs: NOW_MS - 3_600_000 };

type Ending = 'confirmed' | 'declined' | 'given-up' | 'cancelled' | 'cancelled-late';

/** What a faultless system leaves behind of an order that ended so. */
function story(ending: Ending, atMs = NOW_MS): Dossier {
  const orderId = uuidv7(atMs);
  const paymentId = paymentIdOf(orderId);
  const isPaid = ending === 'confirmed' || ending === 'cancelled-late';
  const isRefunded = ending === 'cancelled-late';
  const dossier = emptyDossier(paymentId);
  const tell = (type: EventType) => {
    const aggregateId = type.startsWith('order.') ? orderId : paymentId;
    const seq = dossier.events.filter((event) => event.aggregateId === aggregateId).length + 1;
    const [topic, lane] = [topicOf(type), laneOf(orderId)];
    const eventId = uuidv7(atMs + dossier.events.length);
    const consumers = [type.startsWith('order.') ? 'payment' : 'order'];
    const id = dossier.events.length + 1;
    dossier.events.push({ eventId, id, type, aggregateId, seq, topic, lane, occurredAtMs: atMs + id, consumers });
    dossier.records.push({ eventId, topic, lane, position: id });
  };
  for (const type of eventsOf[ending]) tell(type);
  const money = { reference: paymentId, amountMinor: TOTAL, currency: 'KRW', at: new Date(atMs).toISOString() };
  const charge = { ...money, seq: 1, kind: 'charge' as const, provider: 'psp-acme', idempotencyKey: paymentId };
  if (isPaid) dossier.ledger.push({ ...charge, outcome: 'succeeded' });
  if (ending === 'declined') dossier.ledger.push({ ...charge, outcome: 'declined' });
  if (isRefunded) {
    const key = `${paymentId}:refund`;
    dossier.ledger.push({ ...charge, seq: 2, kind: 'refund', idempotencyKey: key, outcome: 'succeeded' });
  }
  const ofPayment = dossier.events.filter(({ aggregateId }) => aggregateId === paymentId).length;
  const amounts = { currency: 'KRW', amountMinor: TOTAL, seq: ofPayment, provider: 'psp-acme' };
  dossier.payments.push({ paymentId, orderId, status: paymentStatusOf[ending], ...amounts });
  dossier.orders.push({
    orderId,
    paymentId,
    customer: 'ada',
    status: ending === 'confirmed' ? 'CONFIRMED' : 'CANCELLED',
    currency: 'KRW',
    totalMinor: TOTAL,
    eventSeq: dossier.events.length - ofPayment,
    createdAtMs: atMs,
  });
  dossier.keys.push({ orderId, status: 201 });
  dossier.acknowledgements.push({ orderId, customer: 'ada', key: 'k', atMs });
  return dossier;
}

const eventsOf: Record<Ending, EventType[]> = {
  confirmed: ['order.placed', 'payment.processing', 'payment.succeeded', 'order.confirmed'],
  declined: ['order.placed', 'payment.processing', 'order.settlement-requested', 'payment.declined', 'order.cancelled'],
  'given-up': ['order.placed', 'payment.processing', 'payment.failed', 'order.cancelled'],
  cancelled: ['order.placed', 'order.cancelled', 'payment.failed'],
  'cancelled-late': [
    'order.placed',
    'payment.processing',
    'payment.succeeded',
    'order.confirmed',
    'order.cancelled',
    'payment.refunded',
  ],
};

const paymentStatusOf = {
  confirmed: 'SUCCEEDED',
  declined: 'DECLINED',
  'given-up': 'FAILED',
  cancelled: 'FAILED',
  'cancelled-late': 'REFUNDED',
} as const;

type Everything = { orders?: Dossier[]; keys?: KeyDossier[]; shelves?: ShelfFact[]; acts?: FencedAct[][] };

function broken({ orders = [], keys = [], shelves = [], acts = [] }: Everything): InvariantId[] {
  const subjects = { orders: () => orders, keys: () => keys, shelves: () => shelves, resources: () => acts };
  const verdicts = judge(invariants, subjects, timeline);
  return verdicts.filter(({ isKept }) => !isKept).map(({ id }) => id);
}

const ending = fc.constantFrom<Ending>('confirmed', 'declined', 'given-up', 'cancelled', 'cancelled-late');

/** Ways to break a confirmed order's story, and which promises that breaks. */
const faults: [string, InvariantId[], (dossier: Dossier) => unknown][] = [
  ['an acknowledged order is gone', ['I1', 'I2'], (d) => (d.orders = [])],
  ['an order belongs to somebody else', ['I1'], (d) => (d.orders[0]!.customer = 'bob')],
  ['a charge happens twice', ['I2', 'I11'], (d) => d.ledger.push({ ...d.ledger[0]!, idempotencyKey: 'another' })],
  ['money is missing', ['I2', 'I11'], (d) => (d.ledger = [])],
  ['an order waits', ['I3', 'I4'], (d) => (d.orders[0]!.status = 'PLACED')],
  ['an order needs a person', ['I3'], (d) => (d.orders[0]!.status = 'MANUAL_REVIEW')],
  ['an order is late', ['I3'], (d) => (d.events.at(-1)!.occurredAtMs += 62_000)],
  ['a payment is under way', ['I3'], (d) => (d.payments[0]!.status = 'UNKNOWN')],
  ['a move is illegal', ['I4'], (d) => (d.events.at(-1)!.type = 'order.placed')],
  ['an event was never written', ['I4', 'I8'], (d) => d.events.pop()],
  ['a sequence has a gap', ['I4'], (d) => (d.events.at(-1)!.seq = 3)],
  ['an order has two keys', ['I5'], (d) => d.keys.push({ ...d.keys[0]! })],
  ['an order has no key', ['I5'], (d) => d.keys.pop()],
  ['an event is unknown to its consumer', ['I7'], (d) => (d.events[0]!.consumers = [])],
  ['events are published in the wrong order', ['I7'], (d) => (d.records[0]!.position = 9)],
  ['an event is not published', ['I8'], (d) => d.records.shift()],
  ['an event is on another lane', ['I8'], (d) => (d.records[0]!.lane += 1)],
  ['a record has no row', ['I8'], (d) => d.records.push({ ...d.records[0]!, eventId: uuidv7(NOW_MS) })],
  [
    'an order is 404',
    ['I9'],
    (d) => d.misses.push({ orderId: d.orders[0]!.orderId, door: 'x', askedAtMs: NOW_MS + 1 }),
  ],
  ['a payment denies its charge', ['I11'], (d) => (d.payments[0]!.status = 'DECLINED')],
  ['money lies at another provider', ['I11'], (d) => (d.payments[0]!.provider = 'psp-borealis')],
  ['a payment is unknown', ['I11'], (d) => (d.payments = [])],
];

describe('invariants', () => {
  describe('when nothing went wrong', () => {
    it('complain about nothing, however orders end and whatever duplicates the bus has', () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(ending, fc.boolean()), { maxLength: 20 }), (endings) => {
          const orders = endings.map(([each, hasDuplicates]) => {
            const dossier = story(each);
            if (hasDuplicates)
              dossier.records.push(...dossier.records.map((r) => ({ ...r, position: r.position + 100 })));
            return dossier;
          });
          expect(broken({ orders })).toEqual([]);
        }),
      );
    });
  });

  describe.each(faults)('when %s', (_, ids, spoil) => {
    it(`turn ${ids.join(' and ')} red, among orders that are well`, () => {
      const spoiled = story('confirmed');
      spoil(spoiled);
      expect(broken({ orders: [story('declined'), spoiled, story('cancelled-late')] })).toEqual(
        expect.arrayContaining(ids),
      );
    });
  });

  it('are each turned red by some test here', () => {
    const shown = new Set(faults.flatMap(([, ids]) => ids));
    expect(invariants.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual(['I6', 'I10']);
  });

  describe('when a refund is missing', () => {
    it('turns I2 and I11 red', () => {
      const dossier = story('cancelled-late');
      dossier.ledger.pop();
      expect(broken({ orders: [dossier] })).toEqual(['I2', 'I11']);
    });
  });

  describe('when one key got different answers', () => {
    const answer = { request: 'body', status: 201, digest: 'a', orderId: 'o1' };
    const asked = (second: object) => [{ customer: 'ada', key: 'k', answers: [answer, { ...answer, ...second }] }];

    it('turns I5 red for other bytes, another order, or a refusal after success', () => {
      expect(broken({ keys: asked({}) })).toEqual([]);
      expect(broken({ keys: asked({ digest: 'b' }) })).toEqual(['I5']);
      expect(broken({ keys: asked({ request: 'other', digest: 'b', orderId: 'o2' }) })).toEqual(['I5']);
      const refused = { status: 409, code: 'stock-exhausted', digest: 'c', orderId: undefined };
      expect(broken({ keys: asked(refused) })).toEqual(['I5']);
    });

    it('stays green for answers that are not stored', () => {
      expect(broken({ keys: asked({ status: 409, code: 'idempotency-in-flight', digest: 'c' }) })).toEqual([]);
      expect(broken({ keys: asked({ status: 422, request: 'other', digest: 'c', orderId: undefined }) })).toEqual([]);
    });
  });

  describe('when stock does not add up', () => {
    it('turns I6 red for lost, oversold and negative shelves', () => {
      const shelf = { sku: 'A', stocked: 10, available: 4, sold: 6 };
      expect(broken({ shelves: [shelf] })).toEqual([]);
      expect(broken({ shelves: [{ ...shelf, available: 3 }] })).toEqual(['I6']);
      expect(broken({ shelves: [{ ...shelf, available: -1, sold: 11 }] })).toEqual(['I6']);
    });
  });

  describe('when fencing fails', () => {
    const act = (token: number, actor: string, atMs: number) => ({ resource: 'order-1', token, actor, atMs });

    it('turns I10 red for a token that falls and for two actors under one', () => {
      expect(broken({ acts: [[act(1, 'm1', 1), act(1, 'm1', 2), act(4, 'm2', 3)]] })).toEqual([]);
      expect(broken({ acts: [[act(4, 'm2', 1), act(1, 'm1', 2)]] })).toEqual(['I10']);
      expect(broken({ acts: [[act(4, 'm2', 1), act(4, 'm1', 2)]] })).toEqual(['I10']);
    });
  });
});
