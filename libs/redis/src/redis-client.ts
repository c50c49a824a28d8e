import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import { scripts } from './lua.js';
import { QuietSentinelConnector } from './quiet-sentinel-connector.js';
import type { RedisSettings } from './redis.config.js';

/** ioredis with our scripts as commands. */
export type RedisClient = Redis & {
  takeOne(key: string, limit: number, windowMs: number): Promise<[number, number, number, number]>;
  admitLines(keyCount: number, ...keysAndPieces: (string | number)[]): Promise<0 | 1 | 2>;
  returnLines(keyCount: number, ...keysAndPieces: (string | number)[]): Promise<number>;
  setCounters(keyCount: number, ...keysAndLevels: (string | number)[]): Promise<number>;
};

/**
 * Makes a client that asks the Sentinels who is master, before every connection and when they announce a change. It never
 * queues and never repeats a command: whoever calls has something better to do than to wait for a cache.
 */
export function createClient(settings: RedisSettings): RedisClient {
  return new Redis(optionsOf(settings)) as RedisClient;
}

function optionsOf(settings: RedisSettings): RedisOptions {
  const { commandTimeoutMs, connectTimeoutMs, reconnectMs } = settings;
  return {
    Connector: QuietSentinelConnector as unknown as RedisOptions['Connector'],
    sentinels: settings.sentinels.map(parseAddress),
    name: settings.master,
    role: 'master',
    ...login(settings),
    ...tls(settings),
    commandTimeout: commandTimeoutMs,
    sentinelCommandTimeout: connectTimeoutMs,
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: 200,
    failoverDetector: true,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => reconnectMs,
    sentinelRetryStrategy: () => reconnectMs,
    sentinelReconnectStrategy: () => reconnectMs,
    reconnectOnError,
    scripts,
    lazyConnect: true,
  };
}

/**
 * A server that says it may not write is no master any more: READONLY was demoted (2: ask elsewhere, same command),
 * NOREPLICAS was cut off from its replicas and will be.
 */
function reconnectOnError(error: Error): 1 | 2 | false {
  if (error.message.startsWith('READONLY')) return 2;
  return /^(NOREPLICAS|MASTERDOWN|LOADING)/.test(error.message) ? 1 : false;
}

function login({ user, password, sentinelUser, sentinelPassword }: RedisSettings): RedisOptions {
  return {
    ...(password && { username: user, password: password.reveal() }),
    ...(sentinelPassword && { sentinelUsername: sentinelUser, sentinelPassword: sentinelPassword.reveal() }),
  };
}

function tls({ caFile, certFile, keyFile }: RedisSettings): RedisOptions {
  if (caFile === undefined) return {};
  const options = {
    ca: readFileSync(caFile),
    ...(certFile !== undefined && { cert: readFileSync(certFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
  };
  return { tls: options, sentinelTLS: options, enableTLSForSentinelMode: true };
}

function parseAddress(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
