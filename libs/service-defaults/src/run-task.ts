import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ComposedConfig, type ConfigValues, processEnvironment } from '#libs/config';
import { logger } from '#libs/telemetry';
import { loadProcessConfig } from './create-service.js';
import { NestLog } from './nest-log.js';
import { endOnUncaught, endWithLauncher } from './process-end.js';
import { giveUp } from './run-service.js';
import { ServiceRoot } from './service-root.module.js';
import { Shutdown } from './shutdown.js';

const log = logger('task');

/** What a task works with. */
export type TaskContext<C extends ComposedConfig> = {
  readonly config: ConfigValues<C>;
  /** Starts the modules a task needs, without HTTP; ends with the task. */
  wire(root: Type<unknown> | DynamicModule): Promise<{ get<T>(token: Type<T> | symbol | string): T }>;
};

/**
 * Runs a one-shot process (a migration, a seed): settings, log, `work`, exit 0, or 1 with the reason. It ends when its
 * launcher dies.
 */
export async function runTask<C extends ComposedConfig>(
  work: (context: TaskContext<C>) => Promise<void>,
  options: { readonly name: string; readonly config: C },
): Promise<void> {
  endOnUncaught();
  endWithLauncher(() => Promise.reject(new Error('launcher is gone')));
  try {
    const startedMs = performance.now();
    const { config, values } = loadProcessConfig(options, processEnvironment());
    const closers: Array<() => Promise<void>> = [];
    const wire: TaskContext<C>['wire'] = async (root) => {
      const module = ServiceRoot.around(root, config, values, new Shutdown(0));
      const app = await NestFactory.createApplicationContext(module, { logger: new NestLog(), abortOnError: false });
      closers.push(() => app.close());
      return { get: (token) => app.get(token, { strict: false }) };
    };
    await work({ config: values as unknown as ConfigValues<C>, wire });
    for (const close of closers) await close();
    log.info({ task: options.name, durationMs: Math.round(performance.now() - startedMs) }, 'done');
    process.exit(0);
  } catch (error) {
    giveUp(error);
  }
}
