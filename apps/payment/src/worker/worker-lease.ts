import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectConfig } from '#libs/config';
import { Database } from '#libs/database';
import { WakeLoop } from '#libs/messaging';
import { logger } from '#libs/telemetry';
import { type PaymentSettings, paymentConfig } from '../payment.config.js';
import { type OpenPayments, PaymentMetrics } from '../payment.metrics.js';
import { beat, openPayments, releaseOwn, releaseSilent } from './worker.sql.js';

const log = logger('worker');

/**
 * Says every second, in one row, that this worker is alive; frees the payments of workers that no longer say so. One row
 * per worker, because a lease per payment would have to be renewed for each that hangs at its provider.
 */
@Injectable()
export class WorkerLease implements OnApplicationBootstrap {
  /** Owner of the payments this process works on; another after every start. */
  readonly id = randomUUID();
  private readonly loop = new WakeLoop({ step: () => this.round(), lingerMs: 0 });

  constructor(
    private readonly database: Database,
    private readonly metrics: PaymentMetrics,
    @InjectConfig(paymentConfig) private readonly settings: PaymentSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Ends the lease and hands on what is not finished. */
  async end(): Promise<void> {
    await this.loop.stop();
    await this.database.call(releaseOwn, [this.id]);
  }

  private async round(): Promise<number> {
    try {
      await this.database.call(beat, [this.id, this.settings.leaseMs]);
      const freed = await this.database.call(releaseSilent, [this.id]);
      if (freed.length > 0) log.warn({ count: freed.length }, 'went on with payments of a worker that fell silent');
      this.metrics.setOpen(await this.database.call<OpenPayments>(openPayments, []));
    } catch (error) {
      log.warn({ err: error }, 'heartbeat failed, trying again');
    }
    return this.settings.heartbeatMs;
  }
}
