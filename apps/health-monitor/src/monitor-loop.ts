import type { Target } from '#libs/contracts';
import { LoopMeter } from '#libs/database';
import { counter, histogram, logger } from '#libs/telemetry';
import type { Actuator } from './act/actuator.js';
import type { Alarm } from './alert/alarm.js';
import { type AlarmBook, turnPage } from './alert/alarm-book.js';
import { alarmsOf, type Surroundings } from './alert/alarms-of.js';
import type { AlertSender } from './alert/alert-sender.js';
import { CallersWord } from './callers-word.js';
import { decide, note, noteRunning, unnote } from './decide.js';
import { type Decision, isRestart } from './decision.js';
import type { DecisionLog } from './decision-log.js';
import { workedOn } from './maintenance.js';
import type { Observation } from './observation.js';
import type { EngineView } from './observe/launcher-view.js';
import type { Policy } from './policy.js';
import { openAlerts, resumeHistories } from './resume-histories.js';
import type { Situation } from './situation.js';
import { blank, remember } from './target-history.js';
import { twinsOf } from './twins.js';

const log = logger('monitor');
const looks = counter('monitor_looks_total', 'Looks at targets by what they found.', ['outcome']);
const voided = counter('monitor_void_looks_total', 'Looks that count for nothing, because our own loop was late.');
const detection = histogram(
  'monitor_detection_seconds',
  'Age of a fault when it was detected, at most.',
  ['group'],
  [0.5, 1, 1.5, 2, 3, 4, 6, 10, 30],
);

/** What the loop needs. */
export type MonitorParts = {
  readonly targets: readonly Target[];
  readonly policy: Policy;
  readonly decisions: DecisionLog;
  readonly actuator: Actuator;
  readonly alerts: AlertSender;
  readonly engine: EngineView;
  readonly surroundings: () => Surroundings;
  readonly dryRun: boolean;
};

/** New observations are judged this often. */
const STEP_MS = 250;

/** observe → decide → act: takes observations in, decides, and has it done. Runs on the monitor that leads. */
export class MonitorLoop {
  situation: Situation;
  book: AlarmBook = new Map();
  private readonly meter = new LoopMeter();
  private readonly word = new CallersWord();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: MonitorParts) {
    this.situation = {
      nowMs: 0,
      sinceMs: 0,
      targets: parts.targets,
      histories: new Map(),
      standingBack: false,
      calmUntilMs: 0,
      maintenance: new Set<string>(),
    };
  }

  /** Begins with what the predecessor did, and whom it knew to be well. */
  start(wellBefore: readonly string[]): void {
    const nowMs = performance.now();
    const kept = this.parts.decisions.all;
    const histories = resumeHistories(kept, { nowMs, wallMs: Date.now() }, this.parts.policy);
    for (const name of wellBefore) histories.set(name, { ...(histories.get(name) ?? blank), lastWellMs: nowMs });
    this.situation = { ...this.situation, nowMs, sinceMs: nowMs, histories, standingBack: false };
    this.book = new Map(
      [...openAlerts(kept)].map(([key, sentence]) => {
        const alarm = { key, sentence, kind: key.split(':')[0] as Alarm['kind'] };
        return [key, { alarm, sinceMs: nowMs, seenMs: nowMs, raised: true }];
      }),
    );
    this.meter.start(() => undefined);
    this.timer = setInterval(() => this.step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.meter.stop();
  }

  /** A verdict made while our own loop was held up is void: the silence may have been ours (R10). */
  see(seen: Observation): void {
    if (seen.outcome !== 'well' && this.meter.laggedSince(seen.atMs)) return voided.inc();
    looks.inc({ outcome: seen.outcome });
    for (const tally of seen.tallies ?? []) this.word.note(tally, seen.atMs);
    const judged = { ...this.heardAlso(seen), ...this.parts.engine(seen.target) };
    const before = this.situation.histories.get(seen.target) ?? blank;
    const after = remember(before, judged, this.parts.policy);
    this.situation = { ...this.situation, histories: new Map(this.situation.histories).set(seen.target, after) };
  }

  /** Its callers' word counts beside what it says of itself. */
  private heardAlso(seen: Observation): Observation {
    if (seen.outcome === 'silent' && this.word.isServing(seen.target, seen.atMs))
      return { ...seen, outcome: 'unready', detail: `${seen.detail}, although callers are served` };
    const { targets } = this.parts;
    const target = targets.find(({ name }) => name === seen.target);
    if (seen.outcome !== 'well' || target === undefined) return seen;
    const twins = twinsOf(target, targets).map(({ name }) => name);
    const detail = this.word.against(target.name, twins, seen.atMs);
    return detail === undefined ? seen : { ...seen, outcome: 'unready', accused: true, detail };
  }

  /** One step: every decision is noted before the next is made. */
  private step(): void {
    const { policy, decisions } = this.parts;
    const maintenance = workedOn(decisions.all, Date.now());
    this.situation = { ...this.situation, nowMs: performance.now(), maintenance };
    for (const decision of decide(this.situation, policy)) {
      this.record(decision);
      this.situation = note(this.situation, decision, policy);
    }
    this.tell();
  }

  private record(decision: Decision): void {
    const { decisions, dryRun, targets, policy } = this.parts;
    const target = targets.find(({ name }) => name === decision.target);
    const wellMs = target && this.situation.histories.get(target.name)?.lastWellMs;
    const sinceWellMs = wellMs === undefined ? undefined : Math.round(this.situation.nowMs - wellMs);
    if (decision.action === 'suspect' && target && sinceWellMs !== undefined)
      detection.observe({ group: target.group }, sinceWellMs / 1_000);
    decisions.add({ ...decision, dryRun, sinceWellMs });
    if (!target || dryRun) return;
    this.act(decision, target).catch((error: unknown) => {
      if (isRestart(decision.action)) this.situation = unnote(this.situation, target.name, policy);
      this.tellNotDone(decision, target, (error as Error).message);
    });
  }

  private tellNotDone({ action }: Decision, { name }: Target, why: string): void {
    const { decisions, dryRun } = this.parts;
    const reason = `${action} of ${name} was not done: ${why}.`;
    decisions.add({ action: 'failed', failed: action, target: name, reason, dryRun });
  }

  private async act(decision: Decision, target: Target): Promise<void> {
    const { actuator, policy } = this.parts;
    const { action } = decision;
    if (action === 'restart') await actuator.restart(target);
    if (action === 'start' && !(await actuator.start(target))) {
      this.situation = noteRunning(this.situation, target.name, policy);
      this.tellNotDone(decision, target, 'it runs already');
    }
    if (action === 'switch') await actuator.setAside(target);
    if (action === 'return') await actuator.takeBack(target);
  }

  private tell(): void {
    const { policy, alerts, decisions, dryRun, surroundings } = this.parts;
    const on = this.situation.maintenance === 'all' ? [] : alarmsOf(this.situation, surroundings(), policy);
    const { book, raised, resolved } = turnPage(this.book, on, this.situation.nowMs);
    this.book = book;
    const send = (alarm: Alarm, status: 'raised' | 'resolved'): void => {
      const action = status === 'raised' ? 'alert' : 'resolve';
      const reason = status === 'raised' ? alarm.sentence : `Over: ${alarm.sentence}`;
      decisions.add({ action, alert: alarm.key, reason, dryRun });
      alerts.send(alarm, status).catch((error: unknown) => log.error({ err: error }, 'alert could not be sent'));
    };
    for (const alarm of raised) send(alarm, 'raised');
    for (const alarm of resolved) send(alarm, 'resolved');
  }
}
