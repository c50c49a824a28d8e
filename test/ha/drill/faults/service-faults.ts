import type { Broken, Fault, Rig } from '../fault.js';
import { freeze, kill } from './member-fault.js';
import { GRAY_NOTICED } from './noticed.js';

/** A killed instance may be missed for so long behind the front doors. */
const KILLED_GAP_MS = 2_000;
/** A frozen one is noticed by health checks in 2 to 3 s, and what it has locked is free a second later (R9). */
const FROZEN_GAP_MS = 5_000;
/** Front doors send it ever less, as its answers are outstanding. */
const GRAY_GAP_MS = 2_000;

export const serviceFaults: readonly Fault[] = [
  { ...kill('order-1', KILLED_GAP_MS), isInShortList: true },
  kill('order-2', KILLED_GAP_MS),
  { ...freeze('order-2', FROZEN_GAP_MS), isInShortList: true },
  freeze('order-1', FROZEN_GAP_MS),
  { ...kill('payment-1', KILLED_GAP_MS), isInShortList: true },
  kill('payment-2', KILLED_GAP_MS),
  freeze('payment-1', FROZEN_GAP_MS),
  freeze('payment-2', FROZEN_GAP_MS),
  {
    name: 'order-1 answers its health checks, and no order',
    inject: swallowsOrders,
    ...{ holdMs: 25_000, gapMs: GRAY_GAP_MS, monitor: GRAY_NOTICED },
  },
  { ...kill('psp-acme', KILLED_GAP_MS), name: 'a provider is down', isInShortList: true },
  { ...freeze('psp-borealis', FROZEN_GAP_MS), name: 'a provider hangs' },
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
