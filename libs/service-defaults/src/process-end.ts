import { logger } from '#libs/telemetry';

const log = logger('process');

/** A child whose launcher is gone has this long before it must not exist any more. */
const ORPHAN_LIMIT_MS = 900;

/**
 * Ends the process when its launcher dies: within 1 s, in order if `close` is quick enough. Call it first: a launcher can
 * die while its children start.
 */
export function endWithLauncher(close: () => Promise<unknown> | undefined): void {
  if (process.send === undefined) return;
  const end = (): void => {
    setTimeout(() => process.exit(1), ORPHAN_LIMIT_MS).unref();
    log.warn('launcher is gone, stopping');
    Promise.resolve(close()).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  if (process.connected) process.once('disconnect', end);
  else end();
}

/** Ends the process when stopping takes longer than `limitMs`. */
export function limitShutdown(limitMs: number): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      setTimeout(() => {
        log.error({ limitMs }, 'stopping took too long, ending now');
        process.exit(1);
      }, limitMs).unref();
    });
  }
}

/** Tells the launcher, if there is one, that work can begin. */
export function tellReady(): void {
  if (process.connected) process.send?.({ ready: true });
}

/** Logs what nobody caught, and ends: after it, nothing about this process is certain. */
export function endOnUncaught(): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught error, ending');
    process.exit(1);
  });
}
