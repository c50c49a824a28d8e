import { AppError } from '#libs/errors';
import { counter, gauge, logger } from '#libs/telemetry';
import type { RedisSettings } from './redis.config.js';
import type { RedisClient } from './redis-client.js';

const failures = counter('redis_failures_total', 'Commands to Redis that failed or were not sent.', ['part']);
const ready = gauge('redis_ready', 'Whether the Redis master can be asked: 1 or 0.', []);

/**
 * The one connection of a process to whoever is master. Either it is ready and answers within the time limit, or it says at
 * once that it is not: nobody ever waits for Redis to come back.
 */
export class RedisConnection {
  private readonly log = logger('redis');
  private client: RedisClient;
  private isReady_ = false;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: RedisSettings,
    private readonly create: (settings: RedisSettings) => RedisClient,
  ) {
    this.client = this.open();
  }

  /** Whether a command would be sent now. */
  get isReady(): boolean {
    return this.isReady_;
  }

  /**
   * Runs one command. `part` names the caller in the metrics.
   * @throws AppError `redis-unavailable`: the command was not sent, failed, or had no answer in time (it may have acted)
   */
  async run<T>(part: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (!this.isReady_) throw this.failed(part, undefined);
    try {
      return await command(client);
    } catch (cause) {
      if (isTimeout(cause)) this.leave(client);
      throw this.failed(part, cause);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.note(false);
    clearTimeout(this.timer);
    this.client.disconnect();
  }

  private open(): RedisClient {
    const client = this.create(this.settings);
    client.on('ready', () => this.note(client === this.client && !this.isClosed));
    client.on('close', () => client === this.client && this.note(false));
    client.on('error', (error) => this.log.debug({ err: error }, 'redis connection failed'));
    // It can end for good, when masters fail in a row, and would never come back by itself.
    client.on('end', () => client === this.client && this.openAgain());
    client.connect().catch((error: unknown) => this.log.debug({ err: error }, 'redis not reached'));
    return client;
  }

  private openAgain(): void {
    this.note(false);
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.client = this.open();
    }, this.settings.reconnectMs);
    this.timer.unref();
  }

  /** A server that is silent may be frozen, and would stay connected for ever: ask the Sentinels anew. */
  private leave(client: RedisClient): void {
    if (client !== this.client || !this.isReady_ || this.isClosed) return;
    this.note(false);
    this.log.warn('redis is silent: asking the sentinels anew');
    client.disconnect(true);
  }

  private note(isReady: boolean): void {
    if (this.isReady_ !== isReady && !this.isClosed) this.log.info({ isReady }, 'redis changed');
    this.isReady_ = isReady;
    ready.set(isReady ? 1 : 0);
  }

  private failed(part: string, cause: unknown): AppError {
    failures.inc({ part });
    const message = 'Redis cannot be asked right now; go on without it.';
    return new AppError({ code: 'redis-unavailable', kind: 'unavailable', message, cause });
  }
}

const isTimeout = (cause: unknown): boolean => cause instanceof Error && cause.message === 'Command timed out';
