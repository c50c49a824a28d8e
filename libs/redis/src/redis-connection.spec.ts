import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RedisSettings } from './redis.config.js';
import { RedisCache } from './redis-cache.js';
import type { RedisClient } from './redis-client.js';
import { RedisConnection } from './redis-connection.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';
import { RedisStockGate } from './redis-stock-gate.js';

const settings = { reconnectMs: 300 } as RedisSettings;
const one = [{ sku: 'HOT', quantity: 1 }];

class Driver extends EventEmitter {
  reconnects = 0;
  answer: () => Promise<unknown> = () => Promise.resolve(undefined);
  connect = (): Promise<void> => Promise.resolve();
  disconnect = (reconnect?: boolean): void => {
    if (reconnect) this.reconnects += 1;
  };
  get = (): Promise<unknown> => this.answer();
  takeOne = (): Promise<unknown> => this.answer();
  admitLines = (): Promise<unknown> => this.answer();
}

describe(RedisConnection.name, () => {
  let drivers: Driver[];
  let redis: RedisConnection;
  const driver = (): Driver => drivers.at(-1) as Driver;

  beforeEach(() => {
    jest.useFakeTimers();
    drivers = [];
    redis = new RedisConnection(settings, () => {
      drivers.push(new Driver());
      return driver() as unknown as RedisClient;
    });
  });
  afterEach(async () => {
    await redis.close();
    jest.useRealTimers();
  });

  describe('when there is no master', () => {
    it('misses, lets through, opens or refuses by setting, all at once and without asking', async () => {
      driver().answer = () => new Promise(() => {});
      expect(await new RedisCache(redis).get('k')).toBeUndefined();
      expect(await new RedisRateLimiter(redis).take('k', 1, 1_000)).toEqual({ allowed: true });
      expect(await new RedisStockGate(redis, 'fail-open').admit(one)).toBe('bypassed');
      await expect(new RedisStockGate(redis, 'fail-closed').admit(one)).rejects.toMatchObject({
        code: 'stock-gate-unavailable',
        kind: 'unavailable',
      });
    });
  });

  describe('when the master is silent', () => {
    it('leaves it once, however many commands were in flight, and asks the Sentinels anew', async () => {
      driver().emit('ready');
      driver().answer = () => Promise.reject(new Error('Command timed out'));
      const cache = new RedisCache(redis);
      await Promise.all([cache.get('a'), cache.get('b'), cache.get('c')]);
      expect(driver().reconnects).toBe(1);
      expect(redis.isReady).toBe(false);
      driver().emit('ready');
      expect(redis.isReady).toBe(true);
    });
  });

  describe('when the driver gives up for good', () => {
    it('starts another one, again and again', () => {
      driver().emit('end');
      jest.advanceTimersByTime(300);
      driver().emit('end');
      jest.advanceTimersByTime(300);
      expect(drivers).toHaveLength(3);
      driver().emit('ready');
      expect(redis.isReady).toBe(true);
    });
  });

  describe('when it was closed', () => {
    it('starts no other driver', async () => {
      await redis.close();
      driver().emit('end');
      jest.advanceTimersByTime(1_000);
      expect(drivers).toHaveLength(1);
    });
  });

  describe('when the master answers', () => {
    it('limits by its count and says when to come again', async () => {
      driver().emit('ready');
      driver().answer = async () => [0, 10, 0, 400];
      expect(await new RedisRateLimiter(redis).take('k', 10, 1_000)).toEqual({ allowed: false, retryAfterMs: 700 });
    });
  });
});
