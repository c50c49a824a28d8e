import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Cache } from './cache.js';
import { MemoryCache } from './memory-cache.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import { RateLimiter } from './rate-limiter.js';
import { type RedisSettings, redisConfig, type StockSettings, stockConfig } from './redis.config.js';
import { RedisProbe } from './redis.probe.js';
import { RedisCache } from './redis-cache.js';
import { RedisConnection } from './redis-connection.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';
import { RedisStockGate } from './redis-stock-gate.js';
import { OpenStockGate, StockGate } from './stock-gate.js';

/** In memory mode there is none. */
type MaybeRedis = RedisConnection | null;

/** Loads the driver only where there is a Redis. */
async function connect(settings: RedisSettings): Promise<MaybeRedis> {
  if (settings.mode === 'memory') return null;
  const { createClient } = await import('./redis-client.js');
  return new RedisConnection(settings, createClient);
}

const gateOf = (redis: MaybeRedis, { gate }: StockSettings): StockGate =>
  redis === null || gate === 'off' ? new OpenStockGate() : new RedisStockGate(redis, gate);

const needsRedis = [RedisConnection];

/**
 * Provides {@link Cache}, {@link RateLimiter}, {@link StockGate} and {@link RedisProbe}, in memory or on Redis as
 * `REDIS_MODE` says. The service must compose `redisConfig` and `stockConfig`.
 */
@Global()
@Module({
  providers: [
    { provide: RedisConnection, useFactory: connect, inject: [redisConfig.token] },
    {
      provide: Cache,
      useFactory: (redis: MaybeRedis) => (redis ? new RedisCache(redis) : new MemoryCache()),
      inject: needsRedis,
    },
    {
      provide: RateLimiter,
      useFactory: (redis: MaybeRedis) => (redis ? new RedisRateLimiter(redis) : new MemoryRateLimiter()),
      inject: needsRedis,
    },
    { provide: StockGate, useFactory: gateOf, inject: [RedisConnection, stockConfig.token] },
    RedisProbe,
  ],
  exports: [Cache, RateLimiter, StockGate, RedisProbe],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(@Inject(RedisConnection) private readonly redis: MaybeRedis) {}

  async onApplicationShutdown(): Promise<void> {
    await this.redis?.close();
  }
}
