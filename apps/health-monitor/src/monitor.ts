import type { Target } from '#libs/contracts';
import type { FencedLease, Term } from '#libs/registry';
import type { Actuator } from './act/actuator.js';
import { AlertSender } from './alert/alert-sender.js';
import { type ObserverSettings, observerOf } from './build-observers.js';
import type { DecisionLog } from './decision-log.js';
import { type InfrastructureReport, publishReport, reportOf } from './infrastructure-report.js';
import { Leadership } from './lead/leadership.js';
import { MonitorLoop } from './monitor-loop.js';
import type { EngineView } from './observe/launcher-view.js';
import { ObserverLoop } from './observe/observer-loop.js';
import { defaultPolicy } from './policy.js';
import type { SurroundingsWatch } from './surroundings-watch.js';

/** What a monitor is made of. */
export type MonitorMakings = {
  readonly settings: ObserverSettings;
  readonly lease: FencedLease;
  readonly decisions: DecisionLog;
  readonly actuator: (term: () => Term | undefined) => Actuator;
  readonly surroundings: () => SurroundingsWatch;
  readonly engine: EngineView;
};

/** A successor learns this often who is well. */
const NOTE_EVERY_MS = 10_000;

/** One monitor: it watches, decides and acts while it leads, and waits for its turn otherwise. */
export class Monitor {
  readonly leadership: Leadership;
  readonly targets: readonly Target[];
  readonly actuator: Actuator;
  readonly alerts: AlertSender;
  loop: MonitorLoop | undefined;
  watch: SurroundingsWatch | undefined;
  private observers: ObserverLoop | undefined;
  private reporter: NodeJS.Timeout | undefined;
  private noter: NodeJS.Timeout | undefined;

  constructor(private readonly makings: MonitorMakings) {
    const { settings, lease } = makings;
    const { monitor, self } = settings;
    this.targets = monitor.targets.filter(({ name }) => name !== self);
    this.leadership = new Leadership(lease, self, { begin: (term) => this.begin(term), end: () => this.end() });
    this.actuator = makings.actuator(() => this.leadership.term);
    this.alerts = new AlertSender(monitor.alertWebhookUrl, monitor.runbookUrl, self);
  }

  get name(): string {
    return this.makings.settings.self;
  }

  get decisions(): DecisionLog {
    return this.makings.decisions;
  }

  get isDry(): boolean {
    return this.makings.settings.monitor.dryRun;
  }

  get report(): InfrastructureReport | undefined {
    return this.loop && reportOf(this.loop.situation, this.watch?.now.kafka);
  }

  private async begin({ token }: Term): Promise<void> {
    const { settings, decisions, engine } = this.makings;
    const { intervalMs, reportIntervalMs } = settings.monitor;
    await decisions.takeOver(this.name, token);
    decisions.add({ action: 'lead', reason: `${this.name} watches and acts from now on.`, dryRun: this.isDry });
    const watch = this.makings.surroundings();
    const loop = new MonitorLoop({
      targets: this.targets,
      policy: defaultPolicy,
      decisions,
      actuator: this.actuator,
      alerts: this.alerts,
      engine,
      surroundings: () => watch.now,
      dryRun: this.isDry,
    });
    const observers = this.targets.map((target) => observerOf(target, settings));
    this.observers = new ObserverLoop(observers, { intervalMs, onSeen: (seen) => loop.see(seen) });
    this.loop = loop;
    this.watch = watch;
    this.reporter = setInterval(() => this.publish(), reportIntervalMs);
    watch.start();
    this.observers.start();
    loop.start(await decisions.wellBefore());
    this.noter = setInterval(() => this.noteWell(), NOTE_EVERY_MS);
  }

  private async end(): Promise<void> {
    clearInterval(this.reporter);
    clearInterval(this.noter);
    this.decisions.stepDown(this.name);
    this.loop?.stop();
    this.watch?.stop();
    await this.observers?.stop();
    this.loop = undefined;
    this.watch = undefined;
    this.observers = undefined;
  }

  private noteWell(): void {
    const histories = [...(this.loop?.situation.histories ?? [])];
    this.decisions.noteWell(
      histories.filter(([, { failures, goods }]) => failures === 0 && goods > 0).map(([name]) => name),
    );
  }

  private publish(): void {
    if (this.loop && this.report) publishReport(this.report, this.loop.situation);
  }
}
