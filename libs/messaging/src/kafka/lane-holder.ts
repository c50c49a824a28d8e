import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { deadLetterOf, type Topic } from '#libs/contracts';
import { crashPoint } from '#libs/drill';
import { logger } from '#libs/telemetry';
import type { EventBus, RecordHandler, StuckLane } from '../event-bus.js';
import { Attempts } from '../lanes/attempts.js';
import { handleWindow, WINDOW_RECORDS } from '../lanes/lane-window.js';
import { type LaneKey, laneKey } from '../lanes/owned-lane.js';
import { buried, consumed, consumerLag, failed } from '../messaging.metrics.js';
import { BatchProgress } from './batch-progress.js';
import { withDeadline } from './deadline.js';
import { OffsetCommits } from './offset-commits.js';

const log = logger('messaging');

/** A handler that takes longer holds its lane as a failed one does; under the group's rebalance time-out, in ms. */
const HANDLE_LIMIT_MS = 4_000;
/** Pause before a dead letter that could not be written is tried again, in ms. */
const BURY_PAUSE_MS = 1_000;

/** What a holder needs from the subscription it belongs to. */
export type LaneHolderOptions = {
  readonly group: string;
  readonly handle: RecordHandler;
  readonly publish: EventBus['publish'];
};

/** One record to be handled. */
type Work = { readonly topic: Topic; readonly lane: number; readonly message: KafkaMessage; readonly attempt: number };

/** `running`: handlers at work, by offset. */
type LaneState = { readonly attempts: Attempts; lastError?: unknown; readonly running: Map<string, Promise<void>> };

/**
 * Makes the effects of a member's records, and holds a lane whose effects cannot be made without losing the membership: the
 * partition is paused, the batch returns unresolved, a timer resumes it, and the same offset comes again. An error never
 * leaves the batch, for kafkajs would stop every lane for it.
 */
export class LaneHolder {
  private readonly lanes = new Map<LaneKey, LaneState>();
  private readonly commits = new OffsetCommits();

  constructor(private readonly options: LaneHolderOptions) {}

  /** Lanes whose first record fails. */
  get stuck(): StuckLane[] {
    return [...this.lanes].flatMap(([key, state]) => {
      const [topic, lane] = key.split('/') as [Topic, string];
      const attempts = state.attempts.next - 1;
      return attempts === 0 ? [] : [{ topic, lane: Number(lane), attempts, error: String(state.lastError) }];
    });
  }

  /** kafkajs' `eachBatch`. */
  readonly eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const progress = new BatchProgress(payload);
    try {
      await this.work(payload, progress);
    } finally {
      progress.end();
    }
    this.noteLag(payload, progress);
    if (progress.lost) throw progress.lost;
  };

  /** Commits what is done: before the member leaves, so that little comes again. Never rejects. */
  flush(): Promise<void> {
    return this.commits.flush();
  }

  /** Window after window, until the batch is done, its lane is paused, or it may be another member's. */
  private async work(payload: EachBatchPayload, progress: BatchProgress): Promise<void> {
    const { batch } = payload;
    const [topic, lane] = [batch.topic as Topic, batch.partition];
    const state = this.stateOf(topic, lane);
    const left = [...batch.messages];
    const done = (count: number) => {
      if (count === 0) return;
      progress.resolved(left.splice(0, count).at(-1) as KafkaMessage);
      state.attempts.reset();
      this.commits.due(payload);
    };
    while (left.length > 0 && !progress.lost && payload.isRunning() && !payload.isStale()) {
      const window = left.slice(0, WINDOW_RECORDS);
      const handle = (message: KafkaMessage, index: number) =>
        this.handle(state, { topic, lane, message, attempt: index === 0 ? state.attempts.next : 1 });
      const end = await handleWindow(window, keyOf, handle);
      done(end.done);
      consumed.inc({ topic }, end.done);
      if (!end.failed) continue;
      const { record: message, error } = end.failed;
      state.lastError = error;
      failed.inc({ topic });
      if (!(await this.judge(state, { topic, lane, message, pause: () => payload.pause() }, error))) return;
      done(1);
    }
  }

  private async handle(state: LaneState, work: Work): Promise<void> {
    // One that outlived its limit is waited for again, not run a second time beside itself.
    const running = state.running.get(work.message.offset) ?? this.begin(state, work);
    await withDeadline(running, HANDLE_LIMIT_MS, 'the handler');
    crashPoint('after-effect-before-offset-commit');
  }

  private begin({ running }: LaneState, { topic, lane, message, attempt }: Work): Promise<void> {
    const { offset } = message;
    const work = this.options.handle({ ...wireOf(message), topic, lane, offset, attempt });
    running.set(offset, work);
    const forget = () => void running.delete(offset);
    work.then(forget, forget);
    return work;
  }

  private async judge(
    state: LaneState,
    at: { topic: Topic; lane: number; message: KafkaMessage; pause: EachBatchPayload['pause'] },
    error: unknown,
  ): Promise<boolean> {
    const { topic, lane, message, pause } = at;
    const verdict = state.attempts.failed(error);
    const facts = { topic, lane, offset: message.offset, attempt: state.attempts.next - 1, err: error };
    if (verdict.kind === 'retry') {
      log.warn({ ...facts, afterMs: verdict.afterMs }, 'record failed: its lane waits and tries again');
      setTimeout(pause(), verdict.afterMs);
      return false;
    }
    try {
      await this.options.publish(deadLetterOf(topic), lane, [wireOf(message)]);
      buried.inc({ topic });
      log.error(facts, 'record is poison: it went to the dead letter');
      return true;
    } catch (buryError) {
      log.error({ ...facts, err: buryError }, 'dead letter cannot be written: the lane waits');
      setTimeout(pause(), BURY_PAUSE_MS);
      return false;
    }
  }

  private stateOf(topic: Topic, lane: number): LaneState {
    const key = laneKey(topic, lane);
    const state = this.lanes.get(key) ?? { attempts: new Attempts(), running: new Map() };
    this.lanes.set(key, state);
    return state;
  }

  private noteLag({ batch }: EachBatchPayload, progress: BatchProgress): void {
    const next = progress.next ?? batch.firstOffset() ?? batch.highWatermark;
    laneLag.set(laneKey(batch.topic, batch.partition), Math.max(0, Number(batch.highWatermark) - Number(next)));
    let total = 0;
    for (const [key, lag] of laneLag) if (key.startsWith(`${batch.topic}/`)) total += lag;
    consumerLag.set({ group: this.options.group, topic: batch.topic }, total);
  }
}

const laneLag = new Map<LaneKey, number>();

const keyOf = ({ key }: KafkaMessage): string => key?.toString() ?? '';

const wireOf = ({ key, value, headers }: KafkaMessage) => ({
  eventId: String(headers?.['event-id'] ?? ''),
  key: key?.toString() ?? '',
  value: value?.toString() ?? '',
});
