import { onEndSignal } from './end-signals.js';
import type { Instance } from './instance.js';
import { Launcher } from './launcher.js';
import { LiveStatus } from './live-status.js';
import { startWithProgress } from './start-tasks.js';
import { welcome } from './welcome.js';

/** What `dev` adds to `up`. */
export type ForegroundOptions = {
  readonly drill: boolean;
  /** Called once the system is up. */
  readonly onUp?: (launcher: Launcher, say: (text: string) => void) => void;
};

/** Starts the system, shows how it is, and stops it in order when told to. Ends the process. */
export async function runInForeground(instance: Instance, options: ForegroundOptions): Promise<void> {
  const startedMs = Date.now();
  // A terminal that was closed, or a pipe nobody reads, must not cut the orderly stop short.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const status = new LiveStatus(instance);
  const report = (name: string, news: string) => status.say(`${clock()} ${name} ${news}`);
  const launcher = new Launcher(instance, { drill: options.drill, report });
  const stop = async (exitCode: number) => {
    status.stop();
    await launcher.stop();
    process.exit(exitCode);
  };
  onEndSignal((reason) => {
    status.stop();
    process.stdout.write(`\nStopping (${reason}): orders and payments first, Postgres last …\n`);
    void stop(0);
  });
  try {
    const confirmedMs = await startWithProgress(launcher);
    process.stdout.write(await welcome(instance, Date.now() - startedMs, confirmedMs));
  } catch (error) {
    if (launcher.isStopping) return;
    process.stderr.write(`\n${(error as Error).message}\n`);
    await stop(1);
  }
  options.onUp?.(launcher, (text) => status.say(text));
  status.start();
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}
