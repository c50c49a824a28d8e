import { crashPoint } from '#libs/drill';
import { logger } from '#libs/telemetry';
import type { BusRecord, StuckLane } from '../event-bus.js';
import { consumed, failed as failures } from '../messaging.metrics.js';
import { Attempts } from './attempts.js';
import { handleWindow, WINDOW_RECORDS } from './lane-window.js';
import type { OwnedLane } from './owned-lane.js';

const log = logger('messaging');

/** A record in its lane; the worker adds the attempt. */
export type LaneRecord = Omit<BusRecord, 'attempt'>;

/** What a worker needs from the subscription it belongs to. */
export type LaneWorkerOptions = {
  readonly handle: (record: BusRecord) => Promise<void>;
  /** Puts a record on the dead-letter twin of its topic; rejects when that did not work. */
  readonly bury: (record: LaneRecord, error: unknown) => Promise<void>;
  /** All records offered are done. */
  readonly onIdle: () => void;
};

/** Makes the effects of one lane's records, those of a key one after the other. A failing record stops this lane only. */
export class LaneWorker {
  private readonly queue: LaneRecord[] = [];
  private readonly attempts = new Attempts();
  private running: Promise<void> | undefined;
  private closed = false;
  private endPause: (() => void) | undefined;
  private lastError: unknown;

  constructor(
    readonly lane: OwnedLane,
    private readonly options: LaneWorkerOptions,
  ) {}

  /** Whether it would take records now. */
  get idle(): boolean {
    return !this.closed && this.queue.length === 0;
  }

  get draining(): boolean {
    return this.closed;
  }

  /** The lane as people see it when its first record failed; `undefined` while it gets on. */
  get stuck(): StuckLane | undefined {
    const [record] = this.queue;
    if (record === undefined || this.attempts.next === 1) return undefined;
    const { topic, lane } = record;
    return { topic, lane, attempts: this.attempts.next - 1, error: String(this.lastError) };
  }

  /** Takes records that follow those it has. */
  offer(records: readonly LaneRecord[]): void {
    this.queue.push(...records);
    this.go();
  }

  private go(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.closed) return;
      if (this.queue.length > 0) this.go();
      else this.options.onIdle();
    });
  }

  /** Starts no further record; resolves when the running one has ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.endPause?.();
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0 && !this.closed) {
      const window = this.queue.slice(0, WINDOW_RECORDS);
      const { done, failed } = await handleWindow(
        window,
        ({ key }) => key,
        (...each) => this.handle(...each),
      );
      consumed.inc({ topic: this.lane.topic }, done);
      this.advance(done);
      if (failed && (await this.judge(failed.record, failed.error))) this.advance(1);
    }
  }

  private async handle(record: LaneRecord, index: number): Promise<void> {
    await this.options.handle({ ...record, attempt: index === 0 ? this.attempts.next : 1 });
    crashPoint('after-effect-before-offset-commit');
  }

  /** The first records are done: the effect is made, or they are buried. */
  private advance(count: number): void {
    const last = this.queue[count - 1];
    if (last === undefined) return;
    this.attempts.reset();
    this.lane.position = Number(last.offset);
    this.queue.splice(0, count);
  }

  /** Whether the record is done with, because it is buried. */
  private async judge(record: LaneRecord, error: unknown): Promise<boolean> {
    const { topic, lane, offset, eventId } = record;
    this.lastError = error;
    failures.inc({ topic });
    const verdict = this.attempts.failed(error);
    const facts = { topic, lane, offset, eventId, attempt: this.attempts.next - 1, err: error };
    if (verdict.kind === 'retry') {
      log.warn({ ...facts, afterMs: verdict.afterMs }, 'record failed: its lane waits and tries again');
      await this.pause(verdict.afterMs);
      return false;
    }
    try {
      await this.options.bury(record, error);
      log.error(facts, 'record is poison: it went to the dead letter');
      return true;
    } catch (buryError) {
      log.error({ ...facts, err: buryError }, 'dead letter cannot be written: the lane waits');
      await this.pause(MAX_BURY_PAUSE_MS);
      return false;
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endPause = undefined;
  }
}

/** Pause before a dead letter that could not be written is tried again, in ms. */
const MAX_BURY_PAUSE_MS = 1_000;
