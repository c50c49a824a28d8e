import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PERIOD_US = 20_000;
const ROOTS = { v1: '/sys/fs/cgroup/cpu', v2: '/sys/fs/cgroup' } as const;

/** Keeps processes within a share of one core, by a control group. Needs root. */
export class CpuCap implements Disposable {
  private constructor(private readonly folder: string) {}

  /** @param cores e.g. 0.2. @throws Error that says what is missing */
  static of(pids: readonly number[], cores: number): CpuCap {
    const version = existsSync(join(ROOTS.v2, 'cgroup.controllers')) ? 'v2' : 'v1';
    const folder = join(ROOTS[version], `twofold-bench-${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true });
      const quota = String(Math.round(PERIOD_US * cores));
      if (version === 'v2') writeFileSync(join(folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
      else {
        writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
        writeFileSync(join(folder, 'cpu.cfs_quota_us'), quota);
      }
      for (const pid of pids) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    } catch (cause) {
      throw new Error('This bench caps the CPU of the service by a control group, which needs root and cgroups.', {
        cause,
      });
    }
    return new CpuCap(folder);
  }

  /** Lets the processes out again. */
  [Symbol.dispose](): void {
    for (const pid of readFileSync(join(this.folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
      try {
        writeFileSync(join(this.folder, '..', 'cgroup.procs'), pid);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    rmdirSync(this.folder);
  }
}
