import { type DynamicModule, Module, type OnModuleDestroy, type Type } from '@nestjs/common';
import type { ComposedConfig, ConfigValues } from '#libs/config';
import { Shutdown } from './shutdown.js';

/** Provides each config section under its token, and the shutdown order, to all modules. */
@Module({})
class ServiceGlobals {
  static of<C extends ComposedConfig>(config: C, values: ConfigValues<C>, shutdown: Shutdown): DynamicModule {
    const sections = Object.entries(config).map(([key, section]) => ({
      provide: section.token,
      useValue: values[key],
    }));
    const providers = [...sections, { provide: Shutdown, useValue: shutdown }];
    return { module: ServiceGlobals, global: true, providers, exports: providers };
  }
}

/** Root of every process: its shutdown hook is the first that Nest calls. */
@Module({})
export class ServiceRoot implements OnModuleDestroy {
  constructor(private readonly shutdown: Shutdown) {}

  static around<C extends ComposedConfig>(
    root: Type<unknown> | DynamicModule,
    config: C,
    ...globals: [values: ConfigValues<C>, shutdown: Shutdown]
  ): DynamicModule {
    return { module: ServiceRoot, imports: [ServiceGlobals.of(config, ...globals), root] };
  }

  onModuleDestroy(): Promise<void> {
    return this.shutdown.begin();
  }
}
