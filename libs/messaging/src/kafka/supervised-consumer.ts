import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from 'kafkajs';
import { LANES, type Topic } from '#libs/contracts';
import { logger } from '#libs/telemetry';
import type { StuckLane, Subscription } from '../event-bus.js';
import { ownedLanes, stuckLanes } from '../messaging.metrics.js';
import { withDeadline } from './deadline.js';
import { comeBackAs } from './guards.js';
import type { KafkaClients } from './kafka-clients.js';
import { LaneHolder, type LaneHolderOptions } from './lane-holder.js';

const log = logger('messaging');

const SESSION_TIMEOUT_MS = 6_000;
/** A fetch that finds nothing waits so long at the broker: each costs both, twelve of them per round in a system of four. */
const MAX_WAIT_MS = 800;
const REBALANCE_TIMEOUT_MS = 6_000;
/** No fetch and no heartbeat for so long: the client is stuck. Under 10 s it would strike during rebalances. */
const WATCHDOG_MS = 10_000;
const WATCH_EVERY_MS = 250;
const NEXT_CLIENT_AFTER_MS = 200;
const DISCONNECT_DEADLINE_MS = 5_000;
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 12, restartOnFailure: async () => false };

/** What a consumer is made of. */
export type SupervisedConsumerOptions = LaneHolderOptions & {
  readonly clients: KafkaClients;
  readonly topics: readonly Topic[];
};

/** One life of a client: from connecting to the reason it ended. */
type Life = {
  consumer: Consumer;
  bornAtMs: number;
  aliveAtMs: number;
  end: (why: string) => void;
  ended: Promise<string>;
};

/** A member of a consumer group whose client is thrown away and made anew whenever it crashes or falls silent. */
export class SupervisedConsumer implements Subscription {
  private readonly holder: LaneHolder;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private assigned = 0;
  private joined = false;
  /** Kept over a crash: kafkajs cannot leave the group of a coordinator it has lost. */
  private memberId: string | undefined;

  constructor(private readonly options: SupervisedConsumerOptions) {
    this.holder = new LaneHolder(options);
    this.running = this.supervise();
  }

  get lanes(): number {
    return this.assigned;
  }

  get stuck(): readonly StuckLane[] {
    return this.holder.stuck;
  }

  health(): { group: string; status: 'up' | 'degraded'; joined: boolean; lanes: number; stuck: readonly StuckLane[] } {
    const { joined, lanes, stuck } = this;
    return {
      group: this.options.group,
      status: joined && stuck.length === 0 ? 'up' : 'degraded',
      joined,
      lanes,
      stuck,
    };
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async supervise(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const life = this.begin();
      const stop = () => life.end('stopped');
      this.stopping.signal.addEventListener('abort', stop, { once: true });
      const watch = setInterval(() => this.watch(life), WATCH_EVERY_MS);
      const why = await life.ended;
      clearInterval(watch);
      this.stopping.signal.removeEventListener('abort', stop);
      this.leave(why);
      await this.holder.flush();
      const leaving = withDeadline(life.consumer.disconnect(), DISCONNECT_DEADLINE_MS, 'disconnect').catch(
        () => undefined,
      );
      if (this.stopping.signal.aborted) await leaving;
      else await pause(NEXT_CLIENT_AFTER_MS);
    }
  }

  private begin(): Life {
    const { clients, group, topics } = this.options;
    const consumer = clients.create(group, { requestTimeout: 5_000, retry: RETRY }).consumer({
      groupId: group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: MAX_WAIT_MS,
      metadataMaxAge: 5_000,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const now = performance.now();
    const life: Life = { consumer, bornAtMs: now, aliveAtMs: now, end, ended };
    this.observe(life);
    comeBackAs(this.memberId, () => this.run(life, topics)).catch((error: unknown) => {
      log.warn({ err: error, group }, 'consumer did not start');
      end('did not start');
    });
    return life;
  }

  private async run({ consumer }: Life, topics: readonly Topic[]): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // As many as a member can get: with fewer, kafkajs lets lanes starve behind the slowest of a broker.
      partitionsConsumedConcurrently: topics.length * LANES,
      eachBatch: this.holder.eachBatch,
    });
  }

  private observe(life: Life): void {
    const { consumer } = life;
    const { group } = this.options;
    const alive = () => {
      life.aliveAtMs = performance.now();
    };
    consumer.on(consumer.events.FETCH, alive);
    consumer.on(consumer.events.HEARTBEAT, alive);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      alive();
      this.joined = true;
      this.memberId = payload.memberId;
      this.assigned = Object.values(payload.memberAssignment).flat().length;
      ownedLanes.set({ group }, this.assigned);
      log.info({ group, lanes: this.assigned, tookMs: payload.duration }, 'joined the group');
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      log.warn({ err: payload.error, group }, 'consumer crashed');
      life.end('crash');
    });
    consumer.on(consumer.events.STOP, () => life.end('stop'));
  }

  private watch({ bornAtMs, aliveAtMs, end }: Life): void {
    const now = performance.now();
    stuckLanes.set({ group: this.options.group }, this.stuck.length);
    const silentMs = this.joined ? now - aliveAtMs : 0;
    const joiningMs = this.joined ? 0 : now - bornAtMs;
    if (silentMs > WATCHDOG_MS) {
      // its client may leave the group later, as this member
      this.memberId = undefined;
      end('fell silent');
    }
    if (joiningMs > SESSION_TIMEOUT_MS + REBALANCE_TIMEOUT_MS) end('could not join');
  }

  private leave(why: string): void {
    const { group } = this.options;
    this.joined = false;
    this.assigned = 0;
    ownedLanes.set({ group }, 0);
    log.info({ group, why }, 'consumer ends');
  }
}
