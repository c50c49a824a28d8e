import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout: this file runs from dist/test/bench/rig. */
export const ROOT = join(import.meta.dirname, '../../../..');

const READY_PATIENCE_MS = 90_000;
const STOP_PATIENCE_MS = 15_000;
/**
 * As docker-compose.yml starts services.
 * @see ../../../docs/adr/0012-a-small-young-generation-collected-by-one-thread.md
 */
const YOUNG_GENERATION = ['--max-semi-space-size=8', '--no-parallel-scavenge'] as const;

/** A program of ours to start. */
export type Program = {
  readonly name: string;
  /** Compiled script, below the checkout's root. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFolder: string;
  readonly nodeFlags?: readonly string[];
};

/** A process of ours, run as in production. */
export class ServiceProcess implements AsyncDisposable {
  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it says that it is ready; a task, when it has ended well. */
  static async start(program: Program, until: 'ready' | 'ended' = 'ready'): Promise<ServiceProcess> {
    const logFile = join(program.logFolder, `${program.name}.log`);
    const log = openSync(logFile, 'a');
    const child = fork(join(ROOT, program.script), [], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'info',
        ...program.environment,
      },
      execArgv: [
        '--enable-source-maps',
        '--disable-warning=ExperimentalWarning',
        ...YOUNG_GENERATION,
        ...(program.nodeFlags ?? []),
      ],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    await settled(child, until).catch((cause: unknown) => {
      child.kill('SIGKILL');
      const lastLines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
      throw new Error(`${program.name} did not start:\n${lastLines}`, { cause });
    });
    return new ServiceProcess(program.name, child);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.resume();
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), STOP_PATIENCE_MS);
    await gone;
    clearTimeout(impatience);
  }
}

function settled(child: ChildProcess, until: 'ready' | 'ended'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ${until} after ${READY_PATIENCE_MS} ms`)), READY_PATIENCE_MS);
    timer.unref();
    child.once('error', reject);
    child.once('exit', (code) =>
      until === 'ended' && code === 0 ? resolve() : reject(new Error(`exited with ${code}`)),
    );
    child.on('message', (message) => {
      if (until === 'ready' && (message as { ready?: boolean } | null)?.ready === true) resolve();
    });
  });
}
