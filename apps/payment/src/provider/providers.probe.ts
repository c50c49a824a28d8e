import { Injectable } from '@nestjs/common';
import { Probe, type ProbeResult } from '#libs/health';
import { Providers } from './providers.js';

/** Circuits of the providers. Without any of them payments wait, but the service works. */
@Injectable()
export class ProvidersProbe extends Probe {
  readonly name = 'providers';
  readonly critical = false;

  constructor(private readonly providers: Providers) {
    super();
  }

  check(): Promise<ProbeResult> {
    const circuits = Object.fromEntries(this.providers.all.map(({ name, circuit }) => [name, circuit]));
    const isWell = this.providers.all.every(({ circuit }) => circuit === 'closed');
    return Promise.resolve({ status: isWell ? 'up' : 'degraded', details: circuits });
  }
}
