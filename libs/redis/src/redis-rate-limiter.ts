import { KEY_PREFIX } from './lua.js';
import { decide, type RateDecision, RateLimiter } from './rate-limiter.js';
import type { RedisConnection } from './redis-connection.js';

/** Limits over all processes together, by the clock of the Redis master. */
export class RedisRateLimiter extends RateLimiter {
  constructor(private readonly redis: RedisConnection) {
    super();
  }

  override async take(key: string, limit: number, windowMs: number): Promise<RateDecision> {
    try {
      const name = `${KEY_PREFIX}limit:${windowMs}:${key}`;
      const taken = await this.redis.run('rate-limit', (client) => client.takeOne(name, limit, windowMs));
      const [isAllowed, current, previous, elapsedMs] = taken;
      if (isAllowed === 1) return { allowed: true };
      return decide({ startedAtMs: 0, current, previous }, elapsedMs, limit, windowMs);
    } catch {
      // Fails open: counted in `redis_failures_total`.
      return { allowed: true };
    }
  }
}
