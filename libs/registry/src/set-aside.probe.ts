import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SET_ASIDE, SET_ASIDE_PROBE } from '#libs/contracts';
import { Probe, type ProbeResult } from '#libs/health';
import type { EtcdStore } from './etcd-store.js';

/** An instance learns at most so late that it was set aside, or may return. */
const LOOK_EVERY_MS = 2_000;

/**
 * Whether the monitor has set this instance aside: then it is not ready, so that front doors leave it out and its twin serves
 * alone. Without etcd the last word counts: nobody is set aside by a loss of etcd. Where there is no etcd, it is always up.
 */
@Injectable()
export class SetAsideProbe extends Probe implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly name = SET_ASIDE_PROBE;
  readonly critical = true;
  private isSetAside = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly self: string,
    private readonly store: EtcdStore | undefined,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    if (this.store) this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  override async check(): Promise<ProbeResult> {
    return this.isSetAside ? { status: 'down', details: { reason: 'set aside by the monitor' } } : { status: 'up' };
  }

  private async look(): Promise<void> {
    const key = `${SET_ASIDE}${this.self}`;
    const found = await this.store?.list(key).catch(() => undefined);
    if (found) this.isSetAside = found.some((entry) => entry.key === key && entry.value === 'yes');
  }
}
