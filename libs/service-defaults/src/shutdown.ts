import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { logger } from '#libs/telemetry';

const log = logger('shutdown');

/** Something that must stop taking work before anything else ends. */
export type Stoppable = { close(): unknown };

/**
 * The order in which a service ends: first no new work from the bus (`begin`, called by the root module, whose hooks Nest
 * runs before all others); then not ready, and time for load balancers to notice while requests are still served (global
 * modules come last, so Terminus has said "shutting down" by then); then 503 for what still comes; servers close;
 * connections to Postgres and Redis last (`onApplicationShutdown`, theirs).
 */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown {
  readonly #stopFirst: Stoppable[] = [];
  #state: 'running' | 'draining' | 'closing' = 'running';

  constructor(private readonly drainMs: number) {}

  /** True from the moment the process was told to stop: answers ask clients to connect elsewhere. */
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

  /** Takes no more work from the bus. */
  async begin(): Promise<void> {
    this.#state = 'draining';
    log.info({ drainMs: this.drainMs }, 'stopping');
    await Promise.all(this.#stopFirst.map((source) => source.close()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await sleep(this.drainMs);
    this.#state = 'closing';
  }
}
