import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { ComposedConfig, ConfigValues } from '#libs/config';
import { Shutdown } from './shutdown.js';

/** Root of every service: provides each config section under its token, and the shutdown order, to all modules. */
@Module({})
export class ServiceRoot {
  static around<C extends ComposedConfig>(
    root: Type<unknown> | DynamicModule,
    config: C,
    values: ConfigValues<C>,
    shutdown: Shutdown,
  ): DynamicModule {
    const sections = Object.entries(config).map(([key, section]) => ({
      provide: section.token,
      useValue: values[key],
    }));
    const providers = [...sections, { provide: Shutdown, useValue: shutdown }];
    return { module: ServiceRoot, global: true, imports: [root], providers, exports: providers };
  }
}
