import type { Fault } from '../fault.js';
import { FROZEN_NOTICED, KILLED_NOTICED } from './noticed.js';
import { frozen, killed } from './one-member.js';

const GAP_MS = 2_000;
const HOLD_MS = 8_000;

export const edgeFaults: readonly Fault[] = [
  {
    name: 'edge-1 is killed',
    inject: (rig) => killed(rig, 'edge-1'),
    monitor: KILLED_NOTICED,
    holdMs: HOLD_MS,
    gapMs: GAP_MS,
    isInShortList: true,
  },
  {
    name: 'edge-2 is killed',
    inject: (rig) => killed(rig, 'edge-2'),
    monitor: KILLED_NOTICED,
    holdMs: HOLD_MS,
    gapMs: GAP_MS,
  },
  // Every second order begins at the frozen door and waits there for its 3 s: the others go on.
  {
    name: 'edge-1 is frozen',
    inject: (rig) => frozen(rig, 'edge-1'),
    monitor: FROZEN_NOTICED,
    holdMs: HOLD_MS,
    gapMs: GAP_MS,
  },
  {
    name: 'edge-2 is frozen',
    inject: (rig) => frozen(rig, 'edge-2'),
    monitor: FROZEN_NOTICED,
    holdMs: HOLD_MS,
    gapMs: GAP_MS,
  },
  {
    name: 'an etcd member is killed',
    inject: (rig) => killed(rig, 'etcd-2'),
    holdMs: HOLD_MS,
    gapMs: GAP_MS,
    isInShortList: true,
  },
  { name: 'an etcd member is frozen', inject: (rig) => frozen(rig, 'etcd-1'), holdMs: HOLD_MS, gapMs: GAP_MS },
];
