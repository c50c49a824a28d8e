import type { DeadLetterTopic, Topic } from '#libs/contracts';

/** Most events in one {@link EventBus.publish}. */
export const MAX_PUBLISH_EVENTS = 500;

/** An event as it travels: `value` is the JSON text of an `EventEnvelope`, `key` the order id. */
export type WireEvent = { readonly eventId: string; readonly key: string; readonly value: string };

/** An event as it arrives. `offset` counts per topic and lane; `attempt` is 1 the first time, and starts again in a new owner. */
export type BusRecord = {
  readonly topic: Topic;
  readonly lane: number;
  readonly offset: string;
  readonly eventId: string;
  readonly key: string;
  readonly value: string;
  readonly attempt: number;
};

/** Makes the effect of one record. Resolves when it is committed; see {@link EventBus.subscribe} for what a rejection does. */
export type RecordHandler = (record: BusRecord) => Promise<void>;

/** A lane that does not get on: its first record failed `attempts` times and comes again. */
export type StuckLane = {
  readonly topic: Topic;
  readonly lane: number;
  readonly attempts: number;
  readonly error: string;
};

/** A running subscription. */
export type Subscription = {
  /** Lanes of all topics this process owns now; 0 while it joins. */
  readonly lanes: number;
  /** Lanes that failed at least once since they last got on. */
  readonly stuck: readonly StuckLane[];
  /** Ends running handlers, records how far they got and hands the lanes on at once. Repeatable. */
  close(): Promise<void>;
};

/** How a bus stands; `down` is for people, never for `live`. */
export type BusHealth = {
  readonly status: 'up' | 'degraded' | 'down';
  readonly details: Readonly<Record<string, unknown>>;
};

/**
 * The log that carries events between services: topics of {@link LANES} lanes, each in order and at least once.
 * Consumers are idempotent, because a record can come again after any failure, and to two processes at once for a moment.
 */
export abstract class EventBus {
  /**
   * Appends events to one lane of one topic, in their order. They survive the loss of any one site when this resolves.
   * After a rejection nobody knows what arrived: the caller sends the *same* batch again, before any later one.
   * @param events 1 to {@link MAX_PUBLISH_EVENTS}
   * @throws AppError `bus-unavailable`, kind `unavailable`
   */
  abstract publish(topic: Topic | DeadLetterTopic, lane: number, events: readonly WireEvent[]): Promise<void>;

  /**
   * Joins a consumer group, from the beginning of the log when the group is new. One process of the group owns a lane at a
   * time; its records come one after the other, those of other lanes beside them.
   *
   * When `onRecord` rejects, that lane alone waits and the record comes again, for ever (100 ms doubling to 5 s). What
   * would fail on a healthy system too (`isPoison`) comes 5 times and is then put on the topic's dead-letter twin (R15).
   */
  abstract subscribe(group: string, topics: readonly Topic[], onRecord: RecordHandler): Promise<Subscription>;

  /** How producing and consuming stand. Answers at once from what was last seen. */
  abstract health(): BusHealth;

  /** Ends all subscriptions and connections. Repeatable. */
  abstract close(): Promise<void>;
}
