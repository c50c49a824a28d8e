import { Cache } from './cache.js';
import { KEY_PREFIX } from './lua.js';
import type { RedisConnection } from './redis-connection.js';

/** A cache that all processes have in common. */
export class RedisCache extends Cache {
  constructor(private readonly redis: RedisConnection) {
    super();
  }

  override async get(key: string): Promise<string | undefined> {
    try {
      return (await this.redis.run('cache', (client) => client.get(`${KEY_PREFIX}cache:${key}`))) ?? undefined;
    } catch {
      return undefined;
    }
  }

  override async set(key: string, value: string, ttlMs: number): Promise<void> {
    try {
      await this.redis.run('cache', (client) => client.set(`${KEY_PREFIX}cache:${key}`, value, 'PX', ttlMs));
    } catch {
      // A value that is not cached is read again: the failure is counted in `redis_failures_total`.
    }
  }
}
