import type { DynamicModule, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ComposedConfig, type ConfigOf, type Environment, loadConfig, processEnvironment } from '#libs/config';
import { collectProcessMetrics, configureLogging, loggingConfig } from '#libs/telemetry';
import { ContractValidationPipe } from './contract-validation.pipe.js';
import { httpAdapter } from './http-adapter.js';
import { NestLog } from './nest-log.js';
import { type ApiDescription, serveOpenApi } from './open-api.js';
import { ProblemFilter } from './problem.filter.js';
import { httpConfig, serviceConfig } from './service.config.js';
import { ServiceRoot } from './service-root.module.js';
import { Shutdown } from './shutdown.js';

/** What is special about a service. */
export type ServiceOptions = {
  /** Kind of service, as in `order`; the instance's name unless `SERVICE_NAME` says otherwise. */
  readonly name: string;
  /** The sections its modules inject; those of this library need not be among them. */
  readonly config: ComposedConfig;
  /** Serves OpenAPI at `/docs`. @default not served */
  readonly docs?: ApiDescription;
  /** Keeps the bytes of each body on the request, for signatures. @default false */
  readonly rawBody?: boolean;
};

/** A service that is wired but does not listen yet. */
export type Service = {
  readonly app: NestFastifyApplication;
  readonly service: ConfigOf<typeof serviceConfig>;
  readonly http: ConfigOf<typeof httpConfig>;
};

const own = { service: serviceConfig, http: httpConfig, log: loggingConfig };

/** A service's sections and those of this library, each once. */
function withOwn(config: ComposedConfig): ComposedConfig & typeof own {
  const names = new Set(Object.values(own).map((section) => section.name));
  const others = Object.entries(config).filter(([, section]) => !names.has(section.name));
  return { ...Object.fromEntries(others), ...own };
}

/** Reads the settings of a process and sets its log up. */
export function loadProcessConfig(options: Pick<ServiceOptions, 'name' | 'config'>, env: Environment) {
  const config = withOwn(options.config);
  const values = loadConfig(config, { SERVICE_NAME: options.name, ...env });
  configureLogging({ service: values.service.name, site: values.service.site, ...values.log });
  return { config, values };
}

/**
 * Wires a service without listening: what `runService` starts, and what tests boot.
 * @throws AppError `config-invalid`
 */
export async function createService(
  root: Type<unknown> | DynamicModule,
  options: ServiceOptions,
  env: Environment = processEnvironment(),
): Promise<Service> {
  const { config, values } = loadProcessConfig(options, env);
  collectProcessMetrics();
  const shutdown = new Shutdown(values.service.drainMs);
  const module = ServiceRoot.around(root, config, values, shutdown);
  const adapter = httpAdapter(values.http, shutdown, options.rawBody ?? false);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLog(),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalPipes(new ContractValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  if (options.docs) serveOpenApi(app, options.docs);
  connectBus(app, shutdown);
  return { app, service: values.service, http: values.http };
}

type Strategy = { listen(callback: () => void): void; close(): unknown; addHandler(...args: unknown[]): void };

const isStrategy = (instance: unknown): instance is Strategy =>
  ['listen', 'close', 'addHandler'].every(
    (method) => typeof (instance as Record<string, unknown> | null)?.[method] === 'function',
  );

/**
 * Connects every transport strategy that a module provides, so that `@EventPattern` handlers run. Global pipes, guards
 * and filters stay with HTTP: the strategy checks its events itself and decides by the error what to repeat.
 */
function connectBus(app: NestFastifyApplication, shutdown: Shutdown): void {
  const strategies = new Set<Strategy>();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { instance } of module.providers.values()) if (isStrategy(instance)) strategies.add(instance);
  }
  for (const strategy of strategies) {
    app.connectMicroservice({ strategy: strategy as never }, { inheritAppConfig: false });
    shutdown.stopFirst(strategy);
  }
}
