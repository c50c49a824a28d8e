import type { Fault } from '../fault.js';
import { FROZEN_NOTICED, KILLED_NOTICED } from './noticed.js';
import { frozen, killed } from './one-member.js';

const HOLD_MS = 8_000;

/** A service container dies, and the monitor brings it back. */
export const kill = (member: string, gapMs: number): Fault => ({
  name: `${member} is killed`,
  inject: (rig) => killed(rig, member),
  monitor: KILLED_NOTICED,
  ...{ holdMs: HOLD_MS, gapMs },
});

/** A service container stands still, and the monitor restarts it. */
export const freeze = (member: string, gapMs: number): Fault => ({
  name: `${member} is frozen`,
  inject: (rig) => frozen(rig, member),
  monitor: FROZEN_NOTICED,
  ...{ holdMs: HOLD_MS, gapMs },
});
