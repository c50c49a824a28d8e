import { logger } from '#libs/telemetry';

const log = logger('process');

/** A child whose launcher is gone has this long before it must not exist any more. */
const ORPHAN_LIMIT_MS = 900;

/** Something that can be asked to end in order. */
export type Closable = { close(): Promise<unknown> };

/** Ends the process when its launcher dies: within 1 s, in order if that is quick enough. */
export function endWithLauncher(closable: Closable): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => {
    log.warn('launcher is gone, stopping');
    setTimeout(() => process.exit(1), ORPHAN_LIMIT_MS).unref();
    closable.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
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
  process.send?.({ ready: true });
}

/** Logs what nobody caught, and ends: after it, nothing about this process is certain. */
export function endOnUncaught(): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught error, ending');
    process.exit(1);
  });
}
