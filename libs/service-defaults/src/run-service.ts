import type { DynamicModule, Type } from '@nestjs/common';
import { AppError } from '#libs/errors';
import { logger } from '#libs/telemetry';
import { createService, type Service, type ServiceOptions } from './create-service.js';
import { startManagementServer } from './management-server.js';
import { endOnUncaught, endWithLauncher, limitShutdown, tellReady } from './process-end.js';

const log = logger('service');

/** Exit status for settings that are wrong: starting again does not help. @see sysexits(3) EX_CONFIG */
export const EXIT_CONFIG = 78;

/**
 * Runs a service until it is told to stop: settings, HTTP with problem answers, bus, `/metrics`, `/docs`, ordered
 * shutdown on SIGTERM and SIGINT, end within 1 s when the launcher dies. Never throws: it says what is wrong and exits
 * (78 for wrong settings, else 1).
 */
export async function runService(root: Type<unknown> | DynamicModule, options: ServiceOptions): Promise<void> {
  let service: Service | undefined;
  endOnUncaught();
  endWithLauncher(() => service?.app.close());
  try {
    service = await createService(root, options);
    await start(service);
  } catch (error) {
    giveUp(error);
  }
}

async function start({ app, service, http }: Service): Promise<void> {
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  limitShutdown(service.shutdownTimeoutMs);
  await app.init();
  await listening('HTTP_MANAGEMENT_PORT', http.managementPort, () =>
    startManagementServer(http.host, http.managementPort),
  );
  await app.startAllMicroservices();
  await listening('HTTP_PORT', http.port, () => app.listen(http.port, http.host));
  log.info({ url: await app.getUrl(), mode: service.mode }, 'listening');
  tellReady();
}

async function listening(variable: string, port: number, listen: () => Promise<unknown>): Promise<void> {
  try {
    await listen();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new AppError({
      code: 'port-in-use',
      kind: 'conflict',
      message: `Port ${port} is in use. Stop what uses it (\`ss -ltnp 'sport = :${port}'\`), or set ${variable} to another.`,
      cause: error,
    });
  }
}

/** Says why the process cannot run, in words when they are ours, and exits. */
export function giveUp(error: unknown): never {
  if (error instanceof AppError) {
    log.fatal({ code: error.code, err: error.code === 'config-invalid' ? undefined : error }, error.message);
    process.exit(error.code === 'config-invalid' ? EXIT_CONFIG : 1);
  }
  log.fatal({ err: error }, 'could not start');
  process.exit(1);
}
