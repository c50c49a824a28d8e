import { randomUUID } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { compose, loadConfig } from '#libs/config';
import { redisConfig } from '#libs/redis';
import { RedisCache } from '../../libs/redis/src/redis-cache.js';
import { createClient } from '../../libs/redis/src/redis-client.js';
import { RedisConnection } from '../../libs/redis/src/redis-connection.js';
import { RedisRateLimiter } from '../../libs/redis/src/redis-rate-limiter.js';
import { RedisStockGate } from '../../libs/redis/src/redis-stock-gate.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/needs-program.js';
import { RedisCluster } from './redis-cluster.js';

/** The goal for a killed or frozen master, in ms. */
const BACK_WITHIN_MS = 8_000;
/** The command's limit (200 ms), and what the event loop adds. */
const LONGEST_CALL_MS = 600;

/** Sentinels starve with everybody else: where there is more to do than cores, everything takes as much longer. */
const onThisMachine = (ms: number): number => ms * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

const hot = (quantity: number) => [{ sku: 'HOT', quantity }];

describeWith('redis-server')('Redis behind Sentinel', () => {
  let cluster: RedisCluster;
  let redis: RedisConnection;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    const env = { REDIS_MODE: 'sentinel', REDIS_SENTINELS: cluster.sentinels.join(',') };
    redis = new RedisConnection(loadConfig(compose({ redis: redisConfig }), env).redis, createClient);
    await eventually(() => expect(redis.isReady).toBe(true), { timeoutMs: 10_000 });
  }, 90_000);

  afterAll(async () => {
    await redis?.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  /** Writes on and on until five writes in a row succeed after one has failed. */
  async function outage(): Promise<{ backAfterMs: number; longestCallMs: number }> {
    const startedAtMs = performance.now();
    let [longestCallMs, hasFailed, streak] = [0, false, 0];
    while (!hasFailed || streak < 5) {
      const callAtMs = performance.now();
      const isDone = await redis.run('drill', (client) => client.set('twofold:drill', '1')).catch(() => false);
      longestCallMs = Math.max(longestCallMs, performance.now() - callAtMs);
      if (isDone === false) hasFailed = true;
      streak = isDone === false ? 0 : streak + 1;
      if (performance.now() - startedAtMs > 60_000) throw new Error('Redis did not come back within 60 s.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { backAfterMs: performance.now() - startedAtMs, longestCallMs };
  }

  it('runs our scripts: limits, the gate and the cache', async () => {
    const limiter = new RedisRateLimiter(redis);
    // A young master refuses writes until its replicas have reported, and what cannot be counted is let through.
    await eventually(
      async () => {
        const decisions = [];
        const customer = randomUUID();
        for (let i = 0; i < 6; i++) decisions.push(await limiter.take(customer, 5, 3_600_000));
        expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
      },
      { timeoutMs: 15_000 },
    );
    const gate = new RedisStockGate(redis, 'fail-open');
    await gate.correct(new Map([['HOT', 3]]));
    expect(await gate.admit([...hot(2), { sku: 'COLD', quantity: 9 }])).toBe('admitted');
    expect(await gate.admit(hot(2))).toBe('refused');
    await gate.giveBack(hot(1));
    expect(await gate.admit(hot(2))).toBe('admitted');
    const cache = new RedisCache(redis);
    await cache.set('k', 'v', 60_000);
    expect(await cache.get('k')).toBe('v');
  });

  it.each(['kill', 'freeze'] as const)(
    'is back within 8 s of a master’s %s, on another one, and no call waits for it',
    async (fault) => {
      const before = await cluster.master();
      {
        using _broken = cluster[fault](before);
        const { backAfterMs, longestCallMs } = await outage();
        expect(backAfterMs).toBeLessThan(onThisMachine(BACK_WITHIN_MS));
        expect(longestCallMs).toBeLessThan(onThisMachine(LONGEST_CALL_MS));
        await eventually(async () => expect(await cluster.master()).not.toBe(before));
      }
      await cluster.whole();
    },
    120_000,
  );

  it('opens when all of Redis is gone, or closes where it is set to, and comes back without its memory', async () => {
    const [open, closed] = [new RedisStockGate(redis, 'fail-open'), new RedisStockGate(redis, 'fail-closed')];
    {
      using _gone = cluster.killAll();
      await eventually(() => expect(redis.isReady).toBe(false), { timeoutMs: 10_000 });
      expect(await new RedisRateLimiter(redis).take('ada', 5, 60_000)).toEqual({ allowed: true });
      expect(await new RedisCache(redis).get('k')).toBeUndefined();
      expect(await open.admit(hot(1))).toBe('bypassed');
      await expect(closed.admit(hot(1))).rejects.toMatchObject({ code: 'stock-gate-unavailable' });
    }
    await eventually(() => expect(redis.isReady).toBe(true), { timeoutMs: 60_000 });
    expect(await open.admit(hot(1))).toBe('bypassed');
  }, 120_000);
});
