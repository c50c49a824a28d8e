import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { LiteName } from './instance.js';
import type { SupervisedProcess } from './supervised-process.js';

/** A job is worth something for so long: a monitor that was frozen asks for what may be wrong by now (R22). */
const MAX_AGE_MS = 3_000;

const monitorJob = z.strictObject({
  job: z.uuid(),
  verb: z.enum(['restart', 'hold', 'release']),
  name: z.string(),
  /** The process that is meant: a successor is none of this job's business. */
  pid: z.int().optional(),
  token: z.string().regex(/^\d{1,20}$/),
  at: z.number(),
});
type MonitorJob = z.infer<typeof monitorJob>;

/** Does what the monitor asks for, over the channel to its process: to restart, hold or release one of its siblings. */
export class MonitorJobs {
  private highest = 0n;

  constructor(
    private readonly services: ReadonlyMap<LiteName, SupervisedProcess>,
    private readonly self: LiteName,
  ) {}

  /** Listens to one life of the monitor. */
  attach(monitor: ChildProcess): void {
    monitor.on('message', (message) => {
      const job = monitorJob.safeParse(message);
      if (!job.success) return;
      const refusal = this.accept(job.data, Date.now());
      monitor.send({ jobDone: job.data.job, ...(refusal !== undefined && { refusal }) }, () => undefined);
    });
  }

  /** @returns why it was not done */
  accept(job: MonitorJob, nowMs: number): string | undefined {
    const service = this.services.get(job.name as LiteName);
    if (service === undefined || job.name === this.self) return `nothing of this name may be touched: ${job.name}`;
    if (nowMs - job.at > MAX_AGE_MS) return `the job is ${nowMs - job.at} ms old`;
    if (BigInt(job.token) < this.highest) return 'the job is of a term that is over';
    this.highest = BigInt(job.token);
    if (job.verb === 'release') service.release();
    else if (job.pid !== service.pid) return `${job.name} is another process by now`;
    else if (job.verb === 'hold') service.hold();
    else service.kill();
    return undefined;
  }
}
