import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import type { ConfigOf } from '#libs/config';
import { CONSUMER_GROUP_PREFIX, deadLetterOf, TOPICS } from '#libs/contracts';
import type { busConfig } from '../messaging.config.js';
import { withDeadline } from './deadline.js';
import { KafkaClients } from './kafka-clients.js';

/** A record as it lies in the log, without what it says. */
export type LoggedRecord = {
  readonly topic: string;
  readonly lane: number;
  readonly position: number;
  readonly eventId: string;
  readonly key: string;
};

/** Reading without any progress for so long has failed. */
const STALL_MS = 30_000;
const DISCONNECT_MS = 5_000;
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10 };
const ALL_TOPICS = TOPICS.flatMap((topic) => [topic, deadLetterOf(topic)]);

/**
 * Reads every topic, dead letters included, from its beginning to where it ended when this was called. For checks from
 * outside: joins no group of ours and moves no offset. Resolves with the number of records.
 * @throws Error when no record came for 30 s
 */
export async function readLog(
  config: ConfigOf<typeof busConfig>,
  onRecord: (record: LoggedRecord) => void,
): Promise<number> {
  const clients = new KafkaClients(config);
  const kafka = clients.create('log-reader', { requestTimeout: 5_000, retry: RETRY });
  const groupId = `${CONSUMER_GROUP_PREFIX}.reader-${randomUUID()}`;
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId, sessionTimeout: 10_000, heartbeatInterval: 2_000 });
  try {
    await admin.connect();
    return await readAll(consumer, await unreadOf(admin), onRecord);
  } finally {
    await withDeadline(consumer.disconnect(), DISCONNECT_MS, 'disconnect').catch(() => undefined);
    await withDeadline(admin.deleteGroups([groupId]), DISCONNECT_MS, 'deletion').catch(() => undefined);
    await withDeadline(admin.disconnect(), DISCONNECT_MS, 'disconnect').catch(() => undefined);
    clients.close();
  }
}

const nameOf = (topic: string, lane: number): string => `${topic}/${lane}`;

/** The end of every lane that is not empty. */
async function unreadOf(admin: Admin): Promise<Map<string, number>> {
  const unread = new Map<string, number>();
  for (const topic of ALL_TOPICS) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) unread.set(nameOf(topic, partition), Number(high));
    }
  }
  return unread;
}

async function readAll(
  consumer: Consumer,
  unread: Map<string, number>,
  onRecord: (record: LoggedRecord) => void,
): Promise<number> {
  if (unread.size === 0) return 0;
  let count = 0;
  let atMs = performance.now();
  const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
    atMs = performance.now();
    const name = nameOf(batch.topic, batch.partition);
    const end = unread.get(name) ?? 0;
    for (const { offset, key, headers } of batch.messages) {
      if (Number(offset) >= end) break;
      const eventId = String(headers?.['event-id'] ?? '');
      onRecord({
        topic: batch.topic,
        lane: batch.partition,
        position: Number(offset),
        eventId,
        key: String(key ?? ''),
      });
      count += 1;
    }
    if (Number(batch.lastOffset()) + 1 >= end) unread.delete(name);
  };
  await consumer.connect();
  await consumer.subscribe({ topics: ALL_TOPICS, fromBeginning: true });
  await consumer.run({ autoCommit: false, eachBatch, partitionsConsumedConcurrently: 1 });
  while (unread.size > 0) {
    if (performance.now() - atMs > STALL_MS)
      throw new Error(`The log stalls: ${[...unread.keys()].join(', ')} unread.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return count;
}
