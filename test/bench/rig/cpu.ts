import { readdirSync, readFileSync } from 'node:fs';

/** One tick of the kernel's accounting, in ms: USER_HZ is 100 on every Linux. */
const TICK_MS = 10;
/** Fields of /proc/PID/stat after the command's closing bracket. */
const PARENT = 1;
/** Counting again, at most so often. */
const MAX_RECOUNTS = 20;
const [USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM] = [11, 12, 13, 14];

type Usage = { parent: number; ownMs: number; reapedMs: number };

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
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const usage = usageOf(Number(name));
    if (usage?.parent === root) totalMs += usage.ownMs + usage.reapedMs;
  }
  return totalMs;
}

function usageOf(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number): number => fields[index] ?? 0;
    return {
      parent: at(PARENT),
      ownMs: (at(USER) + at(SYSTEM)) * TICK_MS,
      reapedMs: (at(CHILDREN_USER) + at(CHILDREN_SYSTEM)) * TICK_MS,
    };
  } catch {
    return undefined;
  }
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
