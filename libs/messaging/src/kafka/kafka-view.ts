import type { Admin } from 'kafkajs';
import type { ConfigOf } from '#libs/config';
import { TOPICS } from '#libs/contracts';
import type { busConfig } from '../messaging.config.js';
import { withDeadline } from './deadline.js';
import { KafkaClients } from './kafka-clients.js';

/** How the topics stand. */
export type ClusterFacts = {
  readonly brokers: number;
  readonly partitions: number;
  /** Partitions nobody leads: nothing can be sent to them. */
  readonly offline: number;
  /** Partitions with fewer replicas in sync than they have. */
  readonly underReplicated: number;
  /** Records that a group has not consumed yet, by group. */
  readonly lag: Readonly<Record<string, number>>;
};

const NO_LEADER = -1;

/** Looks at the whole cluster as an administrator does. For monitors. */
export class KafkaView {
  private clients: KafkaClients | undefined;
  private admin: Admin | undefined;

  /** @param groups consumer groups whose lag is wanted */
  constructor(
    private readonly config: ConfigOf<typeof busConfig>,
    private readonly groups: readonly string[],
  ) {}

  /** @throws Error when the cluster does not answer within `limitMs` */
  async look(limitMs: number): Promise<ClusterFacts> {
    try {
      return await withDeadline(this.ask(limitMs), limitMs, 'looking at Kafka');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    void this.admin?.disconnect().catch(() => undefined);
    this.clients?.close();
    this.admin = undefined;
    this.clients = undefined;
  }

  private async ask(limitMs: number): Promise<ClusterFacts> {
    const admin = await this.connected(limitMs);
    const [{ brokers }, { topics }] = await Promise.all([
      admin.describeCluster(),
      admin.fetchTopicMetadata({ topics: [...TOPICS] }),
    ]);
    const partitions = topics.flatMap((topic) => topic.partitions);
    const lag = await this.lags(admin);
    return {
      brokers: brokers.length,
      partitions: partitions.length,
      offline: partitions.filter(({ leader }) => leader === NO_LEADER).length,
      underReplicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
      lag,
    };
  }

  private async lags(admin: Admin): Promise<Record<string, number>> {
    const ends = new Map<string, number>();
    for (const topic of TOPICS)
      for (const { partition, high } of await admin.fetchTopicOffsets(topic))
        ends.set(`${topic}/${partition}`, Number(high));
    const lag: Record<string, number> = {};
    for (const groupId of this.groups) {
      const offsets = await admin.fetchOffsets({ groupId, topics: [...TOPICS] });
      lag[groupId] = offsets
        .flatMap(({ topic, partitions }) => partitions.map((one) => ({ topic, ...one })))
        .filter(({ offset }) => Number(offset) >= 0)
        .reduce(
          (sum, one) => sum + Math.max(0, (ends.get(`${one.topic}/${one.partition}`) ?? 0) - Number(one.offset)),
          0,
        );
    }
    return lag;
  }

  private async connected(limitMs: number): Promise<Admin> {
    if (this.admin) return this.admin;
    this.clients ??= new KafkaClients(this.config);
    const admin = this.clients.create('monitor', { requestTimeout: limitMs, retry: { retries: 1 } }).admin();
    await admin.connect();
    this.admin = admin;
    return admin;
  }
}
