import { Inject, Injectable } from '@nestjs/common';
import { Probe, type ProbeResult } from '#libs/health';
import { type RedisSettings, redisConfig } from './redis.config.js';
import { RedisConnection } from './redis-connection.js';

/** Whether the Redis master can be asked. Never critical: without it caches miss and limits open. */
@Injectable()
export class RedisProbe extends Probe {
  readonly name = 'redis';
  readonly critical = false;

  constructor(
    @Inject(RedisConnection) private readonly redis: RedisConnection | null,
    @Inject(redisConfig.token) private readonly settings: RedisSettings,
  ) {
    super();
  }

  override async check(): Promise<ProbeResult> {
    const details = { mode: this.settings.mode };
    return { status: this.redis === null || this.redis.isReady ? 'up' : 'down', details };
  }
}
