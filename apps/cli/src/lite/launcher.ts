import { AppError } from '#libs/errors';
import { signToken } from '#libs/security';
import { bootstrapLiteDatabase } from './database-bootstrap.js';
import { confirmFirstOrder } from './first-order.js';
import type { Instance, LiteName } from './instance.js';
import { MonitorJobs } from './monitor-jobs.js';
import { runNode, startFailed, startNode, whenReady } from './node-process.js';
import { requireFreePorts } from './port-check.js';
import type { PostgresServer } from './postgres-server.js';
import { openPostgres, supervisePostgres } from './postgres-supervision.js';
import { ensureSecrets, readSecret } from './secrets.js';
import { drillEnvironmentOf, frontDoors, ownerEnvironment, planServices, type ServicePlan } from './service-plan.js';
import { clearStaleState, type LauncherState, removeState, runningState, writeState } from './state-file.js';
import { type Report, type Supervised, SupervisedProcess } from './supervised-process.js';
import { Watchdog } from './watchdog.js';

/** A service that draws to an end for longer is killed: its own limit is 10 s. */
const SERVICE_END_PATIENCE_MS = 12_000;
/** A service that dies so often before it was ever ready will not come up by itself. */
const MAX_FAILED_STARTS = 3;
const TASK_HEAP_MB = 256;

/** How a system is started. */
export type LauncherOptions = {
  /** Run drill builds: crash points and switched-off rules, set by files in `drill/`. */
  readonly drill: boolean;
  readonly report: Report;
};

/** Starts the lite topology as child processes, keeps them running, and stops them in order. */
export class Launcher {
  readonly services = new Map<LiteName, SupervisedProcess>();
  readonly plans: readonly ServicePlan[];
  private readonly watchdog = new Watchdog();
  private readonly jobs = new MonitorJobs(this.services, 'monitor-1');
  private readonly startedAt = new Date();
  private server?: PostgresServer;
  private isReady = false;
  private stopping?: Promise<void>;

  constructor(
    readonly instance: Instance,
    private readonly options: LauncherOptions,
  ) {
    this.plans = planServices(instance);
  }

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Refuses to start twice, cleans up after a launcher that died, checks ports, creates missing secrets. */
  async prepare(): Promise<void> {
    const running = runningState(this.instance);
    if (running !== undefined) throw alreadyRunning(running);
    await clearStaleState(this.instance);
    await ensureSecrets(this.instance);
    const server = await openPostgres(this.instance);
    await server.endRemains();
    await requireFreePorts(this.ports(), this.instance.number < 9 ? this.instance.number + 1 : 1);
    this.server = server;
    this.watchdog.start();
    this.record();
  }

  async startPostgres(): Promise<void> {
    if (this.server === undefined) throw new Error('prepare() comes first');
    await this.supervise('pg-1', supervisePostgres(this.server));
    await bootstrapLiteDatabase(this.instance);
  }

  /** Migrations and, on new data, the catalogue. Both are idempotent. */
  async prepareData(): Promise<void> {
    await this.runTask('migrate-orders', 'dist/apps/order/src/migrate.js', 'orders');
    await this.runTask('migrate-payments', 'dist/apps/payment/src/migrate.js', 'payments');
    await this.seed();
  }

  seed(): Promise<void> {
    return this.runTask('seed', 'dist/apps/order/src/seed.js', 'orders');
  }

  /** Starts the services of a group beside each other; resolves when all are ready. */
  async startGroup(group: ServicePlan['group']): Promise<void> {
    const plans = this.plans.filter((plan) => plan.group === group);
    await Promise.all(plans.map((plan) => this.supervise(plan.name, this.superviseService(plan))));
  }

  /** Resolves when an order was confirmed through each front door; in ms, the slower one. */
  async confirmOrders(): Promise<number> {
    const key = readSecret(this.instance, 'token-key.json');
    const token = await signToken(key, { subject: 'synthetic', expiresInSeconds: 3_600 });
    const took = await Promise.all(frontDoors(this.instance).map((url) => confirmFirstOrder(url, token)));
    this.isReady = true;
    this.record();
    return Math.max(...took);
  }

  /** Ends a service gently and starts it again, also one that waits for its back-off. */
  restart(name: LiteName): void {
    this.services.get(name)?.restart();
  }

  /** Services drain first, Postgres stops last; the watchdog is let go when nothing is left. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  state(): LauncherState {
    const postgres = { name: 'pg-1', group: 'postgres', site: 'seoul', url: undefined } as const;
    const plans = this.plans.map(({ name, group, site }) => ({ name, group, site, url: this.instance.url(name) }));
    return {
      mode: 'lite',
      instance: this.instance.number,
      launcherPid: process.pid,
      startedAt: this.startedAt.toISOString(),
      ready: this.isReady,
      services: [...plans, postgres].map((service) => {
        const { pid, phase = 'stopped', restarts = 0 } = this.services.get(service.name) ?? {};
        return { ...service, phase, restarts, pid };
      }),
    };
  }

  private async stopInOrder(): Promise<void> {
    // The monitor first, or it would try to cure what is stopped on purpose.
    for (const group of ['monitor', 'order', 'payment', 'psp'] as const) {
      const plans = this.plans.filter((plan) => plan.group === group);
      await Promise.all(plans.map(async ({ name }) => this.services.get(name)?.stop()));
    }
    await this.services.get('pg-1')?.stop();
    this.watchdog.stop();
    // A launcher that was refused, because another one runs, leaves that one's state alone.
    if (this.server !== undefined) removeState(this.instance);
  }

  private async supervise(name: LiteName, what: Supervised): Promise<void> {
    if (this.stopping !== undefined) return;
    const supervised = new SupervisedProcess(what, () => this.record(), this.options.report);
    this.services.set(name, supervised);
    await Promise.race([supervised.start(), this.hopeless(supervised)]);
  }

  private async hopeless(supervised: SupervisedProcess): Promise<never> {
    const reason = await supervised.failedBeforeReady(MAX_FAILED_STARTS);
    throw startFailed(this.instance, supervised.name, `${reason}, ${MAX_FAILED_STARTS} times`);
  }

  private superviseService(plan: ServicePlan): Supervised {
    const { instance, options } = this;
    return {
      name: plan.name,
      endPatienceMs: SERVICE_END_PATIENCE_MS,
      end: (child) => child.kill('SIGTERM'),
      launch: async (report) => {
        const environment = { ...plan.environment, ...(options.drill ? drillEnvironmentOf(instance, plan.name) : {}) };
        const script = `dist/apps/${plan.app}/src/main.js`;
        const program = { name: plan.name, script, environment, heapMb: plan.heapMb, drill: options.drill };
        const child = startNode(instance, program);
        report(child);
        if (plan.group === 'monitor') this.jobs.attach(child);
        await whenReady(child);
      },
    };
  }

  private runTask(name: string, script: string, schema: 'orders' | 'payments'): Promise<void> {
    const environment = ownerEnvironment(this.instance, schema);
    return runNode(this.instance, { name, script, environment, heapMb: TASK_HEAP_MB });
  }

  /** Tells the state file, for `status`, and the watchdog, for the worst case. */
  private record(): void {
    const pids = [...this.services].filter(([name]) => name !== 'pg-1').map(([, { pid }]) => pid);
    this.watchdog.watch(
      this.services.get('pg-1')?.pid,
      pids.filter((pid) => pid !== undefined),
    );
    writeState(this.instance, this.state());
  }

  private ports(): Map<string, number> {
    const { instance } = this;
    const ports = new Map<string, number>([['Postgres', instance.port('pg-1')]]);
    for (const { name } of this.plans) {
      ports.set(name, instance.port(name));
      ports.set(`${name} (metrics)`, instance.managementPort(name));
    }
    return ports;
  }
}

function alreadyRunning(state: LauncherState): AppError {
  return new AppError({
    code: 'already-running',
    kind: 'conflict',
    message:
      `Twofold already runs here, as process ${state.launcherPid} since ${state.startedAt}. ` +
      './twofold status shows it, ./twofold down stops it; TWOFOLD_INSTANCE=1 ./twofold up starts another beside it.',
  });
}
