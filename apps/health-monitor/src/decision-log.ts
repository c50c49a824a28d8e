import { EventEmitter } from 'node:events';
import { counter, logger } from '#libs/telemetry';
import type { DecisionStore } from './decision-store.js';
import { type KeptDecision, MAX_DECISIONS_KEPT } from './kept-decision.js';

const log = logger('decisions');
const decisionsMade = counter('monitor_decisions_total', 'Decisions of the monitor.', ['action']);

/** What is decided, before it has a number and a time. */
export type NewDecision = Omit<KeptDecision, 'seq' | 'at' | 'by' | 'token'>;

/** Clocks of monitors differ: the highest number is among the newest, not always the last. */
const MAX_NEWEST = 20;
/** Listeners of the event stream at most. */
const MAX_LISTENERS = 100;

/** The newest decisions, oldest first: each is a log line, a metric, an event, and kept. */
export class DecisionLog extends EventEmitter<{ decision: [KeptDecision] }> {
  private kept: KeptDecision[] = [];
  private term = { by: 'nobody', token: '0' };

  constructor(private readonly store: DecisionStore) {
    super();
    this.setMaxListeners(MAX_LISTENERS);
  }

  get all(): readonly KeptDecision[] {
    return this.kept;
  }

  /** Who was well a moment ago, in a predecessor's eyes. */
  wellBefore(): Promise<readonly string[]> {
    return this.store.readWell().catch(() => []);
  }

  /** Tells a successor who is well. */
  noteWell(names: readonly string[]): void {
    this.store.noteWell(names).catch((error: unknown) => log.debug({ err: error }, 'who is well could not be noted'));
  }

  /** Goes on where the predecessor stopped. */
  async takeOver(by: string, token: string): Promise<void> {
    await this.refresh();
    this.term = { by, token };
  }

  /** From now on, what is decided is no leader's word. */
  stepDown(by: string): void {
    this.term = { by, token: '0' };
  }

  /** Reads what is kept: what a monitor shows that does not lead. */
  async refresh(): Promise<void> {
    this.kept = [...(await this.store.read())].sort((a, b) => a.at.localeCompare(b.at)).slice(-MAX_DECISIONS_KEPT);
  }

  /** Keeping it may fail, without etcd for example; the decision stands all the same. */
  add(decision: NewDecision): KeptDecision {
    const made: KeptDecision = {
      ...decision,
      ...this.term,
      seq: Math.max(0, ...this.kept.slice(-MAX_NEWEST).map(({ seq }) => seq)) + 1,
      at: new Date().toISOString(),
    };
    this.kept.push(made);
    if (this.kept.length > MAX_DECISIONS_KEPT) this.kept.shift();
    const { action, target, reason, dryRun, token: term } = made;
    log.info({ action, target, dryRun, term }, reason);
    decisionsMade.inc({ action });
    this.emit('decision', made);
    this.store.append(made).catch((error: unknown) => log.warn({ err: error }, 'decision could not be kept'));
    return made;
  }
}
