import type { ConfigOf } from '#libs/config';
import type { Target } from '#libs/contracts';
import { type databaseConfig, NodeObserver } from '#libs/database';
import type { monitorConfig } from './monitor.config.js';
import { EdgeObserver } from './observe/edge-observer.js';
import { EtcdObserver } from './observe/etcd-observer.js';
import { KafkaObserver } from './observe/kafka-observer.js';
import type { Observer } from './observe/observer.js';
import { PostgresObserver } from './observe/postgres-observer.js';
import { RedisObserver, SentinelObserver } from './observe/redis-observer.js';
import { ServiceObserver } from './observe/service-observer.js';

/** Everything an observer may need to know. */
export type ObserverSettings = {
  readonly monitor: ConfigOf<typeof monitorConfig>;
  readonly database: ConfigOf<typeof databaseConfig>;
  /** Whether nodes of the database run under Patroni. */
  readonly patroni: boolean;
  readonly self: string;
};

/** Chooses the observer that speaks the target's language. */
export function observerOf(target: Target, settings: ObserverSettings): Observer {
  const { limitMs } = settings.monitor;
  switch (target.group) {
    case 'postgres':
      return new PostgresObserver(target, nodeObserver(target, settings), { limitMs, patroni: settings.patroni });
    case 'redis':
      return new RedisObserver(target, {
        user: settings.monitor.redisUser,
        password: settings.monitor.redisPassword?.reveal() ?? '',
        limitMs,
      });
    case 'sentinel': {
      const password = settings.monitor.sentinelPassword?.reveal() ?? '';
      return new SentinelObserver(target, { user: 'default', password, limitMs }, settings.monitor.sentinelMaster);
    }
    case 'kafka':
      return new KafkaObserver(target, limitMs);
    case 'etcd':
      return new EtcdObserver(target, limitMs);
    case 'edge':
      return new EdgeObserver(target, limitMs);
    case 'order':
    case 'payment':
    case 'psp':
    case 'monitor':
    case 'gate':
      return new ServiceObserver(target, limitMs);
  }
}

function nodeObserver({ name, site, url }: Target, { monitor, database, self }: ObserverSettings): NodeObserver {
  const node = { name, site, host: url.hostname, port: Number(url.port) };
  const login = {
    database: database.name,
    user: database.user,
    password: database.password.reveal(),
    applicationName: self,
  };
  return new NodeObserver(node, login, monitor.limitMs);
}
