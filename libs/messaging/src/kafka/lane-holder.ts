import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { deadLetterOf, type Topic } from '#libs/contracts';
import { crashPoint } from '#libs/drill';
import { logger } from '#libs/telemetry';
import type { EventBus, RecordHandler, StuckLane } from '../event-bus.js';
import { Attempts } from '../lanes/attempts.js';
import { type LaneKey, laneKey } from '../lanes/owned-lane.js';
import { buried, consumed, consumerLag, failed } from '../messaging.metrics.js';
import { withDeadline } from './deadline.js';
import { OffsetCommits } from './offset-commits.js';

const log = logger('messaging');

/** Twice per `heartbeatInterval`, because kafkajs drops a beat that comes early, in ms. */
const BEAT_MS = 500;
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

/** A handler at work, and the offset it works on. */
type RunningHandler = { readonly offset: string; readonly work: Promise<void> };

type LaneState = { readonly attempts: Attempts; lastError?: unknown; running?: RunningHandler | undefined };

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
      for (const message of payload.batch.messages) {
        if (progress.lost || !payload.isRunning() || payload.isStale()) break;
        if (!(await this.settle(payload, message))) break;
        progress.resolved(message);
        this.commits.due(payload);
      }
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

  /** Whether the record is done with. If not, its lane is paused. */
  private async settle(payload: EachBatchPayload, message: KafkaMessage): Promise<boolean> {
    const { batch } = payload;
    const topic = batch.topic as Topic;
    const state = this.stateOf(topic, batch.partition);
    try {
      await this.handle(state, topic, batch.partition, message);
      crashPoint('after-effect-before-offset-commit');
      state.attempts.reset();
      consumed.inc({ topic });
      return true;
    } catch (error) {
      state.lastError = error;
      failed.inc({ topic });
      return this.judge(state, { topic, lane: batch.partition, message, pause: () => payload.pause() }, error);
    }
  }

  private async handle(state: LaneState, topic: Topic, lane: number, message: KafkaMessage): Promise<void> {
    const { offset } = message;
    // One that outlived its limit is waited for again, not run a second time beside itself.
    const running = state.running?.offset === offset ? state.running : this.begin(state, topic, lane, message);
    await withDeadline(running.work, HANDLE_LIMIT_MS, 'the handler');
  }

  private begin(state: LaneState, topic: Topic, lane: number, message: KafkaMessage): RunningHandler {
    const { offset } = message;
    const record = { ...wireOf(message), topic, lane, offset, attempt: state.attempts.next };
    const running: RunningHandler = { offset, work: this.options.handle(record) };
    state.running = running;
    const forget = () => {
      if (state.running === running) state.running = undefined;
    };
    running.work.then(forget, forget);
    return running;
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
      state.attempts.reset();
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
    const state = this.lanes.get(key) ?? { attempts: new Attempts() };
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

const wireOf = ({ key, value, headers }: KafkaMessage) => ({
  eventId: String(headers?.['event-id'] ?? ''),
  key: key?.toString() ?? '',
  value: value?.toString() ?? '',
});

/** How far a batch got; beats while it runs, and so finds out when the lane may be another member's. */
class BatchProgress {
  /** Why the lane may be another member's now. */
  lost: Error | undefined;
  /** Offset after the last record done. */
  next: string | undefined;
  private readonly beat: NodeJS.Timeout;

  constructor(private readonly payload: EachBatchPayload) {
    const lose = (error: Error) => {
      this.lost ??= error;
    };
    this.beat = setInterval(() => void payload.heartbeat().catch(lose), BEAT_MS);
  }

  resolved({ offset }: KafkaMessage): void {
    this.payload.resolveOffset(offset);
    this.next = String(BigInt(offset) + 1n);
  }

  end(): void {
    clearInterval(this.beat);
  }
}
