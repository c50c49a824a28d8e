import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { logger } from '#libs/telemetry';
import { orderConfig } from './order.config.js';
import { RequestSettlement } from './request-settlement.js';

const JOB = 'request-settlement';
const log = logger(JOB);

/** Looks for orders to ask about at regular times. All instances do; rows that one works on are skipped by the others. */
@Injectable()
export class SettlementSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly request: RequestSettlement,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
    private readonly schedule: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const sweep = () => {
      this.running = this.running.then(() => this.sweep());
    };
    this.schedule.addInterval(JOB, setInterval(sweep, this.config.settlementIntervalMs));
  }

  async onModuleDestroy(): Promise<void> {
    if (this.schedule.doesExist('interval', JOB)) this.schedule.deleteInterval(JOB);
    await this.running;
  }

  private async sweep(): Promise<void> {
    try {
      const asked = await this.request.execute();
      if (asked > 0) log.warn({ asked }, 'asked payment again about orders that wait for it');
    } catch (error) {
      log.warn({ err: error }, 'could not ask about waiting orders; the next sweep tries again');
    }
  }
}
