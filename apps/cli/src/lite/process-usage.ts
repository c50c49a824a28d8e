import { readdirSync, readFileSync } from 'node:fs';

/** One tick of the kernel's accounting, in ms: USER_HZ is 100 on every Linux. */
const TICK_MS = 10;
/** Fields of /proc/PID/stat after the command's closing bracket. */
const [PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM] = [1, 11, 12, 13, 14] as const;

/** CPU of a process since it began, user and system, in ms: its own, and that of children that have ended. */
export type ProcessUsage = { readonly parent: number; readonly ownMs: number; readonly reapedMs: number };

/** Ids of all processes. Linux only. @throws Error of the system without /proc */
export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** What a process has used; undefined when it is gone. */
export function usageOf(pid: number): ProcessUsage | undefined {
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
