import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { logger } from '#libs/telemetry';

const log = logger('shutdown');

/** Something that must stop taking work before anything else ends. */
export type Stoppable = { close(): unknown };

/**
 * The order in which a service ends: no new work from the bus and not ready (`onModuleDestroy`), time for load balancers
 * to notice while requests are still served, then 503 for what still comes (`beforeApplicationShutdown`); servers close;
 * connections to Postgres and Redis last (`onApplicationShutdown`, theirs).
 */
@Injectable()
export class Shutdown implements OnModuleDestroy, BeforeApplicationShutdown {
  readonly #stopFirst: Stoppable[] = [];
  #state: 'running' | 'draining' | 'closing' = 'running';

  constructor(private readonly drainMs: number) {}

  /** True from the moment the process was told to stop: not ready any more. */
  get draining(): boolean {
    return this.#state !== 'running';
  }

  /** True when new requests are refused. */
  get closing(): boolean {
    return this.#state === 'closing';
  }

  /** Stops `source` before anything else. */
  stopFirst(source: Stoppable): void {
    this.#stopFirst.push(source);
  }

  async onModuleDestroy(): Promise<void> {
    this.#state = 'draining';
    log.info({ drainMs: this.drainMs }, 'stopping');
    await Promise.all(this.#stopFirst.map((source) => source.close()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await sleep(this.drainMs);
    this.#state = 'closing';
  }
}
