import { type Claimed, nextStep, pauseMs, type Tried } from './next-step.js';

const A = 'psp-acme';
const B = 'psp-borealis';
const policy = { keyLifetimeMs: 86_400_000, voidAfterMs: 120_000, giveUpAfterMs: 60_000 };
const both = [
  { provider: A, room: 5 },
  { provider: B, room: 5 },
];
const onlyB = [
  { provider: A, room: 0 },
  { provider: B, room: 5 },
];
const full = [
  { provider: A, room: 0 },
  { provider: B, room: 0 },
];
const payment = (more: Partial<Claimed> = {}): Claimed => ({
  status: 'UNKNOWN',
  provider: undefined,
  unwanted: false,
  firstAskedAgoMs: 0,
  askedAgoMs: 0,
  ...more,
});
const tried = (provider: string, attempts: number, isVoided = false): Tried => ({ provider, attempts, isVoided });

describe(nextStep.name, () => {
  it.each([
    ['a new payment', payment({ status: 'REQUESTED' }), [], both, { kind: 'charge', provider: A }],
    ['the preferred circuit open', payment({ status: 'REQUESTED' }), [], onlyB, { kind: 'charge', provider: B }],
    ['no room anywhere', payment({ status: 'REQUESTED' }), [], full, { kind: 'wait' }],
    ['unanswered', payment({ provider: A }), [tried(A, 1)], onlyB, { kind: 'charge', provider: A }],
    ['unanswered for long', payment({ provider: A, askedAgoMs: 120_000 }), [], both, { kind: 'void', provider: A }],
    ['unwanted and unanswered', payment({ provider: A, unwanted: true }), [], both, { kind: 'void', provider: A }],
    ['an old key', payment({ provider: A, askedAgoMs: 43_200_000 }), [], both, { kind: 'query', provider: A }],
    ['refused by one', payment(), [tried(A, 1)], both, { kind: 'charge', provider: B }],
    ['refused by both', payment(), [tried(A, 1), tried(B, 1)], both, { kind: 'charge', provider: A }],
    [
      'refused by both for long',
      payment({ firstAskedAgoMs: 60_000 }),
      [tried(A, 9), tried(B, 9)],
      both,
      { kind: 'give-up' },
    ],
    [
      'refused by one for long',
      payment({ firstAskedAgoMs: 60_000 }),
      [tried(A, 9)],
      both,
      { kind: 'charge', provider: B },
    ],
    ['voided at one', payment(), [tried(A, 1, true)], both, { kind: 'charge', provider: B }],
    ['voided at both', payment(), [tried(A, 1, true), tried(B, 1, true)], both, { kind: 'give-up' }],
    ['unwanted and free', payment({ unwanted: true }), [], both, { kind: 'give-up' }],
    ['to be paid back', payment({ status: 'REFUNDING', provider: B }), [], both, { kind: 'refund', provider: B }],
    ['ended meanwhile', payment({ status: 'SUCCEEDED', provider: A }), [], both, { kind: 'wait' }],
  ] as const)('%s', (...[, now, history, rooms, step]) => {
    expect(nextStep(now, history, rooms, policy)).toEqual(step);
  });
});

describe(pauseMs.name, () => {
  it('starts under half a second and stays under 13 s', () => {
    expect(pauseMs(1, () => 0)).toBe(300);
    expect(pauseMs(1, () => 1)).toBe(500);
    expect(pauseMs(1000, () => 1)).toBe(12_500);
  });
});
