/** Lanes, and partitions of every topic. Changing it re-keys every event: never on a running system. */
export const LANES = 12;

/** What the order service says about its orders. */
export const ORDER_EVENTS = 'order-events';
/** What the payment service says about its payments. */
export const PAYMENT_EVENTS = 'payment-events';
/** Payments given up: the saga's compensation. */
export const PAYMENT_COMPENSATION = 'payment-compensation';

/** Topics that carry events; each has a dead-letter twin. */
export const TOPICS = [ORDER_EVENTS, PAYMENT_EVENTS, PAYMENT_COMPENSATION] as const;
/** A topic that carries events. */
export type Topic = (typeof TOPICS)[number];

/** Suffix of the topic that takes what would fail on a healthy system too (R15). */
export const DEAD_LETTER_SUFFIX = '.dead-letter';
/** The dead-letter twin of a topic. */
export type DeadLetterTopic = `${Topic}.dead-letter`;
/** Where poison of `topic` goes. */
export const deadLetterOf = (topic: Topic): DeadLetterTopic => `${topic}${DEAD_LETTER_SUFFIX}`;

/** Prefix of every consumer group; a service appends `.order`, `.payment`. */
export const CONSUMER_GROUP_PREFIX = 'resilient-consumer-group';
