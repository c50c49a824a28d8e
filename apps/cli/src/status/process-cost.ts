import { readdirSync, readFileSync } from 'node:fs';

/** One tick of the kernel's accounting, in ms: USER_HZ is 100 on every Linux. */
const TICK_MS = 10;
/** Fields of /proc/PID/stat after the command's closing bracket. */
const [PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM] = [1, 11, 12, 13, 14] as const;

/** What a process and its descendants take. */
export type ProcessCost = {
  /** CPU since each began, user and system, ended children included, in ms. */
  readonly cpuMs: number;
  /** Memory in bytes, what is shared with others divided among them (PSS); 0 where only root may read it. */
  readonly pssBytes: number;
};

type Usage = { readonly pid: number; readonly parent: number; readonly cpuMs: number };

/** Cost of trees of processes, by the pids of their roots. Linux only. @throws Error of the system without /proc */
export function costOf(roots: readonly number[]): ProcessCost[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? usageOf(Number(name)) : []));
  const children = Map.groupBy(all, ({ parent }) => parent);
  const byPid = new Map(all.map((usage) => [usage.pid, usage]));
  const sumOf = (usage: Usage | undefined): ProcessCost => {
    if (!usage) return { cpuMs: 0, pssBytes: 0 };
    const below = (children.get(usage.pid) ?? []).map(sumOf);
    const own = { cpuMs: usage.cpuMs, pssBytes: pssOf(usage.pid) };
    return [own, ...below].reduce((a, b) => ({ cpuMs: a.cpuMs + b.cpuMs, pssBytes: a.pssBytes + b.pssBytes }));
  };
  return roots.map((pid) => sumOf(byPid.get(pid)));
}

function usageOf(pid: number): Usage[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number): number => fields[index] ?? 0;
    const ticks = at(USER) + at(SYSTEM) + at(CHILDREN_USER) + at(CHILDREN_SYSTEM);
    return [{ pid, parent: at(PARENT), cpuMs: ticks * TICK_MS }];
  } catch {
    return [];
  }
}

function pssOf(pid: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
