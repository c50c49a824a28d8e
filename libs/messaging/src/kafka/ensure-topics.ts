import kafkajs, { type Admin } from 'kafkajs';
import type { ConfigOf } from '#libs/config';
import { deadLetterOf, LANES, TOPICS } from '#libs/contracts';
import { logger } from '#libs/telemetry';
import type { busConfig } from '../messaging.config.js';
import { withDeadline } from './deadline.js';
import type { KafkaClients } from './kafka-clients.js';

// CommonJS: what Node finds by name does not include this one
const { ConfigResourceTypes } = kafkajs;
const log = logger('messaging');

const CHECK_DEADLINE_MS = 15_000;
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 5 };
/** A week, for consumers that stand still over a long weekend. The inbox must remember longer (R16). */
const RETENTION_MS = 7 * 24 * 3_600_000;
/** Topics with their dead-letter twins. */
const WANTED = TOPICS.flatMap((topic) => [topic, deadLetterOf(topic)]);

/**
 * Creates the topics that are missing and checks all of them: {@link LANES} partitions, and as many replicas as set. A topic
 * with fewer is fake redundancy: an acknowledged event on it can be lost with one broker.
 * @throws Error naming topic, figure and cure
 */
export async function ensureTopics(clients: KafkaClients, config: ConfigOf<typeof busConfig>): Promise<void> {
  const admin = clients.create('topics', { requestTimeout: 5_000, retry: RETRY }).admin();
  try {
    await withDeadline(createAndCheck(admin, config), CHECK_DEADLINE_MS, 'the check of topics');
  } finally {
    void withDeadline(admin.disconnect(), 3_000, 'disconnect').catch(() => undefined);
  }
}

async function createAndCheck(admin: Admin, config: ConfigOf<typeof busConfig>): Promise<void> {
  await admin.connect();
  const existing = new Set(await admin.listTopics());
  const missing = WANTED.filter((topic) => !existing.has(topic));
  if (missing.length > 0) await createTopics(admin, missing, config);
  const { topics } = await admin.fetchTopicMetadata({ topics: [...WANTED] });
  for (const { name, partitions } of topics) {
    if (partitions.length !== LANES) throw wrong(name, `${partitions.length} partitions`, `${LANES}`);
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    if (replicas < config.replicationFactor) throw wrong(name, `${replicas} replicas`, `${config.replicationFactor}`);
  }
  await checkMinInSync(admin, config.minInSyncReplicas);
}

async function createTopics(admin: Admin, names: readonly string[], config: ConfigOf<typeof busConfig>): Promise<void> {
  const { replicationFactor, minInSyncReplicas } = config;
  const configEntries = [
    { name: 'min.insync.replicas', value: String(minInSyncReplicas) },
    { name: 'retention.ms', value: String(RETENTION_MS) },
  ];
  const topics = names.map((topic) => ({ topic, numPartitions: LANES, replicationFactor, configEntries }));
  // Resolves to false when a twin was faster.
  await admin.createTopics({ topics, waitForLeaders: true, timeout: 10_000 });
  log.info({ topics: names }, 'topics created');
}

async function checkMinInSync(admin: Admin, wanted: number): Promise<void> {
  const configNames = ['min.insync.replicas'];
  const asked = WANTED.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames }));
  const { resources } = await admin.describeConfigs({ resources: asked, includeSynonyms: false });
  for (const { resourceName, configEntries } of resources) {
    const value = Number(configEntries.find((entry) => entry.configName === 'min.insync.replicas')?.configValue);
    if (!(value >= wanted)) throw wrong(resourceName, `min.insync.replicas ${value}`, `${wanted}`);
  }
}

const wrong = (topic: string, found: string, wanted: string): Error =>
  new Error(`Topic ${topic} has ${found}, at least ${wanted} are needed. Alter the topic, or the MESSAGING_ settings.`);
