import type { Fault } from '../fault.js';
import { freeze, kill } from './member-fault.js';
import { frozen, killed } from './one-member.js';

const GAP_MS = 2_000;
const HOLD_MS = 8_000;

export const edgeFaults: readonly Fault[] = [
  { ...kill('edge-1', GAP_MS), isInShortList: true },
  kill('edge-2', GAP_MS),
  // Every second order begins at the frozen door and waits there for its 3 s: the others go on.
  freeze('edge-1', GAP_MS),
  freeze('edge-2', GAP_MS),
  {
    name: 'an etcd member is killed',
    inject: (rig) => killed(rig, 'etcd-2'),
    holdMs: HOLD_MS,
    gapMs: GAP_MS,
    isInShortList: true,
  },
  { name: 'an etcd member is frozen', inject: (rig) => frozen(rig, 'etcd-1'), holdMs: HOLD_MS, gapMs: GAP_MS },
];
