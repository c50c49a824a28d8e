import { readFileSync } from 'node:fs';
import { processIds, usageOf } from '../lite/process-usage.js';

/** What a process and its descendants take. */
export type ProcessCost = {
  /** CPU since each began, user and system, ended children included, in ms. */
  readonly cpuMs: number;
  /** Memory in bytes, what is shared with others divided among them (PSS); 0 where only root may read it. */
  readonly pssBytes: number;
};

/** Cost of trees of processes, by the pids of their roots. Linux only. @throws Error of the system without /proc */
export function costOf(roots: readonly number[]): ProcessCost[] {
  const usages = new Map(processIds().map((pid) => [pid, usageOf(pid)]));
  const children = Map.groupBy(usages.keys(), (pid) => usages.get(pid)?.parent);
  const sumOf = (pid: number): ProcessCost => {
    const usage = usages.get(pid);
    if (!usage) return { cpuMs: 0, pssBytes: 0 };
    const own = { cpuMs: usage.ownMs + usage.reapedMs, pssBytes: pssOf(pid) };
    const below = (children.get(pid) ?? []).map(sumOf);
    return [own, ...below].reduce((a, b) => ({ cpuMs: a.cpuMs + b.cpuMs, pssBytes: a.pssBytes + b.pssBytes }));
  };
  return roots.map(sumOf);
}

function pssOf(pid: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
