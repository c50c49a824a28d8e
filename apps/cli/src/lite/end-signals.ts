import { processEnvironment } from '#libs/config';

const PARENT_POLL_MS = 300;
/** npm passes on a Ctrl-C that the terminal has sent to us already; later signals are a person's impatience. */
const ECHO_MS = 1_000;

/**
 * Calls `onEnd` once, when this process should end: Ctrl-C, SIGTERM, a closed terminal, or the death of who started it
 * (npm, or the bootstrap script by its channel). A later signal ends at once; the watchdog then clears up.
 */
export function onEndSignal(onEnd: (reason: string) => void): void {
  let firstMs: number | undefined;
  const end = (reason: string) => {
    if (firstMs === undefined) {
      firstMs = Date.now();
      onEnd(reason);
    } else if (Date.now() - firstMs > ECHO_MS) process.exit(1);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end(name));
  process.once('disconnect', () => end('the death of its parent'));
  watchParent(() => end('the death of npm'));
}

/** npm starts us directly: when it is killed, nobody tells us, but we get another parent. */
function watchParent(onDeath: () => void): void {
  if (processEnvironment().npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onDeath();
  }, PARENT_POLL_MS);
  timer.unref();
}
