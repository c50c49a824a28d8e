import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController, PROBES } from './health.controller.js';
import type { Probe } from './probe.js';
import { TerminusLog } from './terminus-log.js';

/** Serves `/health/live`, `/health/ready` and `/health` from the probes of a service. */
@Module({})
export class HealthModule {
  /** @param probes classes that modules of the service provide and export; found wherever they are */
  static with(probes: readonly Type<Probe>[]): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ logger: TerminusLog })],
      controllers: [HealthController],
      providers: [{ provide: PROBES, useValue: probes }],
    };
  }
}
