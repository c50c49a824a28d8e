import type { Broken, Fault, Rig } from '../fault.js';
import { FROZEN_NOTICED, GRAY_NOTICED, KILLED_NOTICED } from './noticed.js';
import { frozen, killed } from './one-member.js';

/** A killed instance may be missed for so long behind the front doors. */
const KILLED_GAP_MS = 2_000;
/** A frozen one is noticed by health checks in 2 to 3 s, and what it has locked is free a second later (R9). */
const FROZEN_GAP_MS = 5_000;
/** Front doors send it ever less, as its answers are outstanding. */
const GRAY_GAP_MS = 2_000;
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
  {
    name: 'order-1 answers its health checks, and no order',
    inject: swallowsOrders,
    ...{ holdMs: 25_000, gapMs: GRAY_GAP_MS, monitor: GRAY_NOTICED },
  },
  { ...kill('psp-acme'), name: 'a provider is down', isInShortList: true },
  { ...freeze('psp-borealis'), name: 'a provider hangs' },
];

/** A gray failure: a restart cures it, for the rule goes with the network of the old life. */
async function swallowsOrders({ victims }: Rig): Promise<Broken> {
  const target = 'order-1';
  await victims.swallow(target, 'POST /orders ');
  const bites = async () => {
    if ((await victims.dropped(target)) === 0) throw new Error('Nothing was swallowed.');
  };
  return { what: `${target} swallows orders`, target, bites, heal: () => victims.healNetworks([target]) };
}
