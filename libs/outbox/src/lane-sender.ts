import type { Topic } from '#libs/contracts';
import { crashPoint } from '#libs/drill';
import { backOffMs, type EventBus, type OwnedLane } from '#libs/messaging';
import { logger } from '#libs/telemetry';
import { relayed, sendFailed } from './outbox.metrics.js';

const log = logger('relay');

const FIRST_BACK_OFF_MS = 200;
const MAX_BACK_OFF_MS = 2_000;

/** An event read from the outbox. */
export type OutboxRow = {
  readonly id: number;
  readonly topic: Topic;
  readonly eventId: string;
  readonly key: string;
  readonly value: string;
};

/** Sends one lane's events in order; the same batch for ever, until the bus confirms it or the lane is somebody else's. */
export class LaneSender {
  private sending: Promise<void> | undefined;
  private closed = false;
  private endPause: (() => void) | undefined;

  constructor(
    readonly lane: OwnedLane,
    private readonly bus: EventBus,
    private readonly onIdle: () => void,
  ) {}

  /** Whether it would take events now. */
  get idle(): boolean {
    return this.sending === undefined && !this.closed;
  }

  get draining(): boolean {
    return this.closed;
  }

  /** Sends events that follow the last ones. Only when {@link idle}. */
  send(rows: readonly OutboxRow[]): void {
    this.sending = this.sendAll(rows).finally(() => {
      this.sending = undefined;
      if (!this.closed) this.onIdle();
    });
  }

  /** Sends no further batch; resolves when the running one has ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.endPause?.();
    await this.sending;
  }

  private async sendAll(rows: readonly OutboxRow[]): Promise<void> {
    for (const batch of runsOfOneTopic(rows)) {
      if (!(await this.sendUntilConfirmed(batch))) return;
      crashPoint('after-publish-before-mark');
      this.lane.position = batch.at(-1)?.id ?? this.lane.position;
    }
  }

  private async sendUntilConfirmed(batch: readonly OutboxRow[]): Promise<boolean> {
    const topic = (batch[0] as OutboxRow).topic;
    for (let failures = 1; !this.closed; failures++) {
      try {
        await this.bus.publish(topic, this.lane.lane, batch);
        relayed.inc({ topic }, batch.length);
        return true;
      } catch (error) {
        const afterMs = backOffMs(failures, FIRST_BACK_OFF_MS, MAX_BACK_OFF_MS);
        sendFailed.inc({ topic });
        log.warn(
          { err: error, topic, lane: this.lane.lane, failures, afterMs },
          'batch not confirmed: sending it again',
        );
        await this.pause(afterMs);
      }
    }
    return false;
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

/** Cuts rows where the topic changes, for a send goes to one topic. */
function runsOfOneTopic(rows: readonly OutboxRow[]): OutboxRow[][] {
  const runs: OutboxRow[][] = [];
  for (const row of rows) {
    const run = runs.at(-1);
    if (run?.[0]?.topic === row.topic) run.push(row);
    else runs.push([row]);
  }
  return runs;
}
