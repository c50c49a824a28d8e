import type { Fault } from '../fault.js';
import { FROZEN_NOTICED, KILLED_NOTICED } from './noticed.js';
import { frozen, killed } from './one-member.js';

/** A killed instance may be missed for so long behind the front doors. */
const KILLED_GAP_MS = 2_000;
/** A frozen one is noticed by health checks in 2 to 3 s, and what it has locked is free a second later (R9). */
const FROZEN_GAP_MS = 5_000;
const HOLD_MS = 8_000;

const kill = (member: string): Fault => ({
  name: `${member} is killed`,
  inject: (rig) => killed(rig, member),
  holdMs: HOLD_MS,
  gapMs: KILLED_GAP_MS,
  monitor: KILLED_NOTICED,
});
const freeze = (member: string): Fault => ({
  name: `${member} is frozen`,
  inject: (rig) => frozen(rig, member),
  holdMs: HOLD_MS,
  gapMs: FROZEN_GAP_MS,
  monitor: FROZEN_NOTICED,
});

export const serviceFaults: readonly Fault[] = [
  { ...kill('order-1'), isInShortList: true },
  kill('order-2'),
  { ...freeze('order-2'), isInShortList: true },
  freeze('order-1'),
  { ...kill('payment-1'), isInShortList: true },
  kill('payment-2'),
  freeze('payment-1'),
  freeze('payment-2'),
  { ...kill('psp-acme'), name: 'a provider is down', isInShortList: true },
  { ...freeze('psp-borealis'), name: 'a provider hangs' },
];
