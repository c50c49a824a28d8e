import { setTimeout as pause } from 'node:timers/promises';
import { isRestart } from '../../../../apps/health-monitor/src/decision.js';
import { defaultPolicy } from '../../../../apps/health-monitor/src/policy.js';
import type { Broken, Fault, Rig } from '../fault.js';
import { freeze, kill } from './member-fault.js';
import { GRAY_NOTICED } from './noticed.js';

/** A killed instance may be missed for so long behind the front doors. */
const KILLED_GAP_MS = 2_000;
/** A frozen one is noticed by health checks in 2 to 3 s, and what it has locked is free a second later (R9). */
const FROZEN_GAP_MS = 5_000;
/** Front doors send it ever less, as its answers are outstanding. */
const GRAY_GAP_MS = 2_000;
/** Dead again well before it could serve. */
const CRASH_EVERY_MS = 300;
/** Each of three starts is given 20 s to help. */
const SET_ASIDE_WITHIN_MS = 80_000;

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
  {
    name: 'order-2 crashes at every start',
    inject: crashesAtEveryStart,
    ...{ holdMs: SET_ASIDE_WITHIN_MS, gapMs: KILLED_GAP_MS, backWithinMs: SET_ASIDE_WITHIN_MS },
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

/** As a broken release does, whether the engine or the monitor starts it: its twin serves alone, and one person is called once. */
async function crashesAtEveryStart({ victims, monitors }: Rig): Promise<Broken> {
  const target = 'order-2';
  const sinceMs = Date.now();
  const healed = new AbortController();
  const crashing = crashUntil(healed.signal, () => victims.crash(target));
  const isBack = async () => {
    const decisions = await monitors.decisions(sinceMs);
    if (!decisions.some((one) => one.action === 'switch' && one.target === target))
      throw new Error(`${target} is not set aside.`);
  };
  const heal = async () => {
    healed.abort();
    await crashing;
  };
  const verify: Broken['verify'] = (decisions) => {
    const restarts = decisions.filter((one) => one.target === target && isRestart(one.action));
    const alerts = decisions.filter(({ action, alert }) => action === 'alert' && alert === `instance-out:${target}`);
    if (restarts.length > defaultPolicy.maxRestarts || alerts.length !== 1)
      throw new Error(`${target}: ${restarts.length} restarts, ${alerts.length} alerts.`);
  };
  return { what: `${target} crashes at every start`, isBack, heal, verify };
}

async function crashUntil(healed: AbortSignal, crash: () => Promise<void>): Promise<void> {
  while (!healed.aborted) {
    // What has just died by itself cannot be killed.
    await crash().catch(() => undefined);
    await pause(CRASH_EVERY_MS);
  }
}
