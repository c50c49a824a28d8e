import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Reads lines `<postmaster or ->  <other pids>…`, the last of which counts. When the pipe closes, the launcher is gone,
 * however it went: services notice that by themselves and end within a second; Postgres is told to shut down, and what
 * still hangs (frozen, or too busy to notice) is killed.
 */
const SCRIPT = `
postgres=- services=
while read -r first rest; do postgres=$first services=$rest; done
sleep 0.2
[ "$postgres" = - ] || kill -INT "$postgres" 2>/dev/null
sleep 0.7
for pid in $services; do kill -KILL "$pid" 2>/dev/null; done
exit 0
`;

/** Survives the launcher by a second, to see to it that nothing else does. */
export class Watchdog {
  private child?: ChildProcess;
  private line = '- ';

  /** Starts it; a watchdog that dies is replaced with the next {@link watch}. */
  start(): void {
    // A shell costs a megabyte where another Node would cost forty. Its own process group: no Ctrl-C reaches it.
    const child = spawn('sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    child.stdin?.on('error', () => undefined);
    child.once('exit', () => {
      if (this.child === child) this.child = undefined;
    });
    child.once('error', () => undefined);
    child.unref();
    this.child = child;
  }

  /** Says which processes must not outlive this one. */
  watch(postgres: number | undefined, services: readonly number[]): void {
    this.line = `${postgres ?? '-'} ${services.join(' ')}`;
    if (this.child === undefined) this.start();
    this.child?.stdin?.write(`${this.line}\n`);
  }

  /** Closes the pipe without a last word, as the death of this process does. */
  abandon(): void {
    this.child?.stdin?.end();
    this.child = undefined;
  }

  /** Everything has ended in order; nothing is left to watch. */
  stop(): void {
    const { child } = this;
    this.child = undefined;
    child?.stdin?.end('- \n');
  }
}
