import { setTimeout as pause } from 'node:timers/promises';
import {
  GATE_JOBS,
  GATE_RESULTS,
  type GateJob,
  gateJob,
  MONITOR_LEADER,
  RUNS_ALREADY,
  type Target,
} from '#libs/contracts';
import type { EtcdStore, FencedLease, StoredEntry } from '#libs/registry';
import { counter, logger } from '#libs/telemetry';
import type { DockerDoor } from './docker-door.js';
import { JobAges } from './job-ages.js';
import { MAX_AGE_MS, refusalOf } from './judge-job.js';
import type { PatroniDoor } from './patroni-door.js';
import { answeringOf } from './say-hello.js';

const log = logger('gate');
const jobs = counter('gate_jobs_total', 'Jobs by what became of them.', ['verb', 'outcome']);

/** Jobs looked at in one go; whatever else lies there is too old the next time. */
const MAX_JOBS = 20;
/** One restart in flight per group, until the target answers again, for so long at most. */
const BUSY_SECONDS = 25;
const BUSY = '/twofold/gate/busy/';
const RESULT_SECONDS = 3_600;

/** What a gate is made of. */
export type GateParts = {
  readonly name: string;
  readonly project: string;
  readonly targets: readonly Target[];
  readonly lookIntervalMs: number;
  readonly store: EtcdStore;
  readonly lease: FencedLease;
  readonly docker: DockerDoor;
  readonly patroni: PatroniDoor;
};

/** Takes jobs of the leading monitor and does them, or refuses (R22). Several gates run; each job is done by one. */
export class Gate {
  private readonly ages = new JobAges();
  private readonly ended = new AbortController();

  constructor(private readonly parts: GateParts) {}

  start(): void {
    this.run().catch((error: unknown) => log.error({ err: error }, 'the gate ended by itself'));
  }

  stop(): void {
    this.ended.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => log.debug({ err: error }, 'no jobs could be read'));
      await pause(this.parts.lookIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const lookMs = performance.now();
    const found = await this.parts.store.list(GATE_JOBS);
    this.ages.see(
      found.map(({ key }) => key),
      lookMs,
    );
    for (const entry of found.slice(0, MAX_JOBS)) await this.take(entry);
  }

  private async take(entry: StoredEntry): Promise<void> {
    const job = readJob(entry.value);
    if (!job) return this.refuse(entry, undefined, 'it is no job that a gate knows');
    const { targets, lease } = this.parts;
    const target = targets.find(({ name }) => name === job.target);
    const group = targets.filter((one) => one.group === target?.group);
    const answering = job.verb === 'restart' ? await answeringOf(group) : new Set<string>();
    const leaderToken = (await lease.current())?.token;
    const ageMs = this.ages.ageMs(entry.key, performance.now());
    const refusal = refusalOf({ job, ageMs, leaderToken, targets, answering });
    if (refusal !== undefined || !target) return this.refuse(entry, job, refusal ?? 'it names no target');
    if (!(await this.claim(entry, job, target))) return;
    // Not awaited: while one restart is followed, other groups' jobs must not grow old.
    this.execute(job, target, performance.now() - ageMs).catch((error: unknown) =>
      log.error({ err: error, job: job.id }, 'a job ended unnoticed'),
    );
  }

  /** In one transaction: the job is still there, its monitor still leads, and nobody else of the group is being restarted. */
  private async claim(entry: StoredEntry, job: GateJob, target: Target): Promise<boolean> {
    const busy = `${BUSY}${target.group}`;
    const claimed = await this.parts.store.commit({
      when: { [entry.key]: entry.createRevision, [MONITOR_LEADER]: job.token, [busy]: '0' },
      put: { [busy]: job.id },
      remove: [entry.key],
      forSeconds: BUSY_SECONDS,
    });
    if (!claimed) log.info({ job: job.id, target: target.name }, 'job left to another gate, or to its end');
    return claimed;
  }

  private async execute(job: GateJob, target: Target, madeMs: number): Promise<void> {
    // The last look before the act: we may have been frozen since the claim.
    const isLate = performance.now() - madeMs > MAX_AGE_MS;
    const outcome = isLate ? 'too late' : await this.act(job, target).catch((error: Error) => error.message);
    jobs.inc({ verb: job.verb, outcome: outcome === 'done' || outcome === RUNS_ALREADY ? outcome : 'failed' });
    log.warn({ job: job.id, verb: job.verb, target: target.name, term: job.token, outcome }, 'job');
    await this.note(job.id, outcome);
    if (outcome === 'done' && (job.verb === 'restart' || job.verb === 'start')) await this.awaitAnswer(target);
    await this.parts.store.commit({ when: {}, remove: [`${BUSY}${target.group}`] });
  }

  private async act({ verb }: GateJob, target: Target): Promise<'done' | typeof RUNS_ALREADY> {
    const { docker, patroni, project } = this.parts;
    const container = `${project}-${target.name}-1`;
    if (verb === 'start') return (await docker.start(container)) ? 'done' : RUNS_ALREADY;
    if (verb === 'restart') await docker.restart(container);
    else if (verb === 'switchover') await patroni.switchover(target);
    else await patroni.reinitialize(target);
    return 'done';
  }

  private async awaitAnswer(target: Target): Promise<void> {
    const untilMs = performance.now() + (BUSY_SECONDS - 5) * 1_000;
    while (performance.now() < untilMs && !this.ended.signal.aborted) {
      if ((await answeringOf([target])).has(target.name)) return;
      await pause(this.parts.lookIntervalMs);
    }
  }

  private async refuse(entry: StoredEntry, job: GateJob | undefined, reason: string): Promise<void> {
    const removed = await this.parts.store.commit({ when: { [entry.key]: entry.createRevision }, remove: [entry.key] });
    if (!removed) return;
    jobs.inc({ verb: job?.verb ?? 'unknown', outcome: 'refused' });
    log.warn({ job: job?.id, target: job?.target, reason }, 'job refused');
    if (job) await this.note(job.id, `refused: ${reason}`);
  }

  private async note(id: string, outcome: string): Promise<void> {
    const value = JSON.stringify({ gate: this.parts.name, outcome });
    await this.parts.store.commit({ when: {}, put: { [GATE_RESULTS + id]: value }, forSeconds: RESULT_SECONDS });
  }
}

function readJob(value: string): GateJob | undefined {
  try {
    return gateJob.parse(JSON.parse(value));
  } catch {
    return undefined;
  }
}
