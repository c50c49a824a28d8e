import { readFileSync } from 'node:fs';
import pg from 'pg';
import { eventually } from '../../support/eventually.js';
import type { Monitors } from './monitors.js';
import type { ContainerSystem } from './system.js';
import type { Victims } from './victims.js';

const HOST = '127.0.0.1';
const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_TIMEOUT_MS = 20_000;
const HEALTHY_TIMEOUT_MS = 150_000;
const PG = ['pg-1', 'pg-2', 'pg-3', 'pg-4'];

type Member = { name: string; role: string; state: string };

/** Who leads what, and whether all are there again. */
export class Cluster {
  constructor(
    private readonly system: ContainerSystem,
    private readonly victims: Victims,
    private readonly monitors: Monitors,
  ) {}

  /** Name of the Postgres node that leads. */
  async leader(): Promise<string> {
    const found = (await this.patroni())?.find(({ role }) => role === 'leader');
    if (!found) throw new Error('No Postgres node leads.');
    return found.name;
  }

  /** Standbys, those of the leader's site first. */
  async standbys(): Promise<string[]> {
    const leader = await this.leader();
    const site = this.system.siteOf(leader);
    const others = PG.filter((name) => name !== leader);
    return others.sort((a, b) => Number(this.system.siteOf(b) === site) - Number(this.system.siteOf(a) === site));
  }

  /** Name of the Redis node that the Sentinels call master. */
  async redisMaster(): Promise<string> {
    const ask =
      'REDISCLI_AUTH=$(cat /run/secrets/redis_sentinel) redis-cli -p 26379 sentinel get-master-addr-by-name mymaster';
    for (const sentinel of ['sentinel-1', 'sentinel-2', 'sentinel-3']) {
      const answer = await this.victims.exec(sentinel, 'sh', '-c', ask).catch(() => '');
      const [address = ''] = answer.split('\n');
      const site = /\.(\d)\.31$/.exec(address)?.[1] ?? /^redis-(\d)/.exec(address)?.[1];
      if (site !== undefined) return `redis-${site}`;
    }
    throw new Error('No Sentinel names a master.');
  }

  /** Broker that leads the partition of `__consumer_offsets` in which a group keeps its offsets. */
  async coordinatorOf(group: string): Promise<string> {
    const { Kafka, logLevel } = (await import('kafkajs')).default;
    const brokers = ['kafka-1', 'kafka-2', 'kafka-3'].map((name) => `${HOST}:${this.system.topology.ports.get(name)}`);
    const admin = new Kafka({ clientId: 'drill', brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: ['__consumer_offsets'] });
      const partitions = topics[0]?.partitions ?? [];
      const own = Math.abs(javaHash(group)) % partitions.length;
      return `kafka-${partitions.find(({ partitionId }) => partitionId === own)?.leader ?? 1}`;
    } finally {
      await admin.disconnect();
    }
  }

  /** Waits until every container runs, all of Postgres streams from one leader, and the monitor has set nobody aside. */
  async healthy(): Promise<void> {
    await eventually(
      async () => {
        const containers = await this.system.containers();
        const ours = new Set(this.system.members());
        const sick = containers.filter(({ service, state }) => ours.has(service) && state !== 'running');
        if (sick.length > 0) throw new Error(`Not running: ${sick.map(({ name }) => name).join(', ')}.`);
        const members = (await this.patroni()) ?? [];
        const well = members.filter(({ role, state }) => state === (role === 'leader' ? 'running' : 'streaming'));
        if (well.length !== PG.length) throw new Error(`Postgres: ${JSON.stringify(members)}`);
        const unwell = (await this.monitors.state()).targets.filter(({ state }) => state !== 'well');
        if (unwell.length > 0) throw new Error(`Not well: ${JSON.stringify(unwell)}`);
      },
      { timeoutMs: HEALTHY_TIMEOUT_MS, intervalMs: 1_000 },
    );
  }

  /** One statement on whichever node is primary, as the role that may read everything. */
  async query<R>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
    const password = readFileSync(this.system.secretPath('database-checker'), 'utf8').trim();
    let last: unknown;
    for (const node of PG) {
      const client = new pg.Client({
        ...{ host: HOST, port: this.system.topology.ports.get(node), database: 'twofold' },
        ...{ user: 'twofold_checker', password, connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
        query_timeout: ANSWER_TIMEOUT_MS,
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
        if (rows[0]?.standby === false) return (await client.query(sql, [...values])).rows as R[];
      } catch (error) {
        last = error;
      } finally {
        await client.end().catch(() => undefined);
      }
    }
    throw new Error('No Postgres node takes writes.', { cause: last });
  }

  private async patroni(): Promise<Member[] | undefined> {
    for (const node of PG) {
      const ask = ['curl', '-s', '-m', '2', 'http://127.0.0.1:8008/cluster'];
      const answer = await this.victims.exec(node, ...ask).catch(() => '');
      try {
        const { members } = JSON.parse(answer) as { members: Member[] };
        if (members.some(({ role }) => role === 'leader')) return members;
      } catch {
        // This one is the one that is broken.
      }
    }
    return undefined;
  }
}

/** As `String.hashCode` in Java, by which Kafka finds a group's partition. */
function javaHash(text: string): number {
  let hash = 0;
  for (const char of text) hash = (Math.imul(31, hash) + char.charCodeAt(0)) | 0;
  return hash;
}
