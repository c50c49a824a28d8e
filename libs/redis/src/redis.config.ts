import { z } from 'zod';
import { type ConfigOf, config, setting } from '#libs/config';

const address = z.string().regex(/^[^:\s,]+:\d{1,5}$/, 'host:port');

/** Where Redis is. `memory` keeps caches and limits in the process and needs none. */
export const redisConfig = config('redis', {
  mode: setting(
    z.enum(['memory', 'sentinel']),
    'memory',
    '`memory`: none, every process for itself; `sentinel`: below.',
  ),
  sentinels: setting(z.array(address).max(16), [], 'Sentinels as `host:port,…`; they know who is master.'),
  master: setting(z.string().min(1), 'mymaster', 'Name under which the Sentinels watch the master.'),
  user: setting(z.string().min(1), 'default', 'User at Redis; its keys and channels begin with `twofold:`.'),
  password: setting.optional(z.string().min(1), 'Password at Redis.', { secret: true }),
  sentinelUser: setting(z.string().min(1), 'default', 'User at the Sentinels.'),
  sentinelPassword: setting.optional(z.string().min(1), 'Password at the Sentinels.', { secret: true }),
  commandTimeoutMs: setting(
    z.int().min(20).max(2_000),
    200,
    'A command without answer for so long has failed, and the connection is made anew: a frozen master must not slow orders.',
  ),
  connectTimeoutMs: setting(z.int().min(50).max(10_000), 1_000, 'After this a connection attempt counts as failed.'),
  reconnectMs: setting(z.int().min(50).max(10_000), 300, 'Pause before the Sentinels are asked again.'),
  caFile: setting.optional(z.string().min(1), 'PEM file of the authority; with it connections use TLS.'),
  certFile: setting.optional(z.string().min(1), 'PEM file of the client certificate.'),
  keyFile: setting.optional(z.string().min(1), 'PEM file of its private key.'),
});

/** How the gate in front of hot SKUs behaves. */
export const stockConfig = config('stock', {
  gate: setting(
    z.enum(['off', 'fail-open', 'fail-closed']),
    'off',
    'Counters in Redis before the stock of hot SKUs. Without Redis `fail-open` lets every order through to the database, `fail-closed` refuses all: the fault of 2019.',
  ),
  gateCorrectMs: setting(
    z.int().min(100).max(10_000),
    1_000,
    'How often counters are set to what Postgres has, in ms.',
  ),
  gateHotPerSecond: setting(z.int().min(1).max(100_000), 20, 'From so many orders a second a SKU is hot and gated.'),
});

/** @see redisConfig */
export type RedisSettings = ConfigOf<typeof redisConfig>;
/** @see stockConfig */
export type StockSettings = ConfigOf<typeof stockConfig>;
