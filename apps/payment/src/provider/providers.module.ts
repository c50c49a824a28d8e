import { Module, type OnApplicationShutdown } from '@nestjs/common';
import type { ConfigOf } from '#libs/config';
import type { CallPolicySettings } from '#libs/resilience';
import { providerCallsConfig, providersConfig } from '../payment.config.js';
import { HttpProvider } from './http-provider.js';
import { Providers } from './providers.js';
import { ProvidersProbe } from './providers.probe.js';

const providers = {
  provide: Providers,
  useFactory: ({ endpoints }: ConfigOf<typeof providersConfig>, calls: CallPolicySettings) =>
    new Providers(
      endpoints.map((endpoint) => new HttpProvider(endpoint, calls)),
      calls.bulkheadSize,
    ),
  inject: [providersConfig.token, providerCallsConfig.token],
};

/** The providers of the settings, each behind its own breaker and bulkhead. */
@Module({ providers: [providers, ProvidersProbe], exports: [Providers, ProvidersProbe] })
export class ProvidersModule implements OnApplicationShutdown {
  constructor(private readonly providers: Providers) {}

  async onApplicationShutdown(): Promise<void> {
    await this.providers.close();
  }
}
