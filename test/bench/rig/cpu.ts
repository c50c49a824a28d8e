import { processIds, usageOf } from '../../../apps/cli/src/lite/process-usage.js';

/** Counting again, at most so often. */
const MAX_RECOUNTS = 20;
/** CPU of a process and its children, dead ones included: user and system, in ms since they began. */
export function treeCpuMs(root: number): number {
  for (let attempt = 0; ; attempt++) {
    const before = usageOf(root)?.reapedMs;
    const totalMs = sumOf(root);
    // A child that ends while we count moves its CPU to the parent: count again.
    if (usageOf(root)?.reapedMs === before || attempt >= MAX_RECOUNTS) return totalMs;
  }
}

function sumOf(root: number): number {
  const own = usageOf(root);
  if (!own) throw new Error(`Process ${root} is gone: its CPU cannot be told any more.`);
  let totalMs = own.ownMs + own.reapedMs;
  for (const pid of processIds()) {
    const usage = usageOf(pid);
    if (usage?.parent === root) totalMs += usage.ownMs + usage.reapedMs;
  }
  return totalMs;
}

/** Groups of processes whose CPU is told apart, by the pid of each group's root. */
export type ProcessGroups = Readonly<Record<string, readonly number[]>>;

/** CPU of each group in ms since their processes began. */
export const readCpu = (groups: ProcessGroups): Record<string, number> =>
  Object.fromEntries(
    Object.entries(groups).map(([name, roots]) => [name, roots.reduce((sum, pid) => sum + treeCpuMs(pid), 0)]),
  );

/** What each group used between two readings, in ms. */
export const cpuBetween = (before: Record<string, number>, after: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.keys(after).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
