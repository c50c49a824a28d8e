import { type ChildProcess, fork } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '#libs/config';
import { AppError } from '#libs/errors';
import type { Instance } from './instance.js';
import { lastWords, logPath, openLog } from './log-files.js';

/** A program of ours, as a child process. */
export type NodeProgram = {
  /** Name of its log. */
  readonly name: string;
  /** Compiled script, below the checkout's root. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly heapMb: number;
  readonly drill?: boolean;
};

const READY_PATIENCE_MS = 60_000;
const TASK_PATIENCE_MS = 120_000;
/** The young generation, in MB: a small one costs a little CPU and saves tens of megabytes per process. */
const SEMI_SPACE_MB = 4;

/** Starts a program. It writes into its own log, and notices by the IPC channel when we are gone. */
export function startNode(instance: Instance, program: NodeProgram): ChildProcess {
  const log = openLog(instance, program.name);
  try {
    return fork(join(instance.root, program.script), [], {
      cwd: instance.root,
      env: childEnvironment({ LOG_FORMAT: 'json', ...program.environment }),
      execArgv: [
        '--enable-source-maps',
        `--max-old-space-size=${program.heapMb}`,
        `--max-semi-space-size=${SEMI_SPACE_MB}`,
        '--disable-warning=TimeoutNegativeWarning',
        '--disable-warning=ExperimentalWarning',
        ...(program.drill === true ? ['--conditions=drill'] : []),
      ],
      stdio: ['ignore', log, log, 'ipc'],
      // A process group of its own: a Ctrl-C in the terminal is for the launcher, which stops everything in order.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

/** Resolves when the child says that it is ready. @throws Error when it exits before, or takes too long */
export function whenReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${READY_PATIENCE_MS} ms`)), READY_PATIENCE_MS);
    const settle = (work: () => void) => () => {
      clearTimeout(timer);
      child.removeListener('message', onMessage);
      work();
    };
    const onMessage = (message: unknown) => {
      if ((message as { ready?: boolean } | null)?.ready === true) settle(resolve)();
    };
    child.on('message', onMessage);
    child.once('error', (error) => settle(() => reject(error))());
    child.once('exit', () => settle(() => reject(new Error('exited before it was ready')))());
  });
}

/**
 * Runs a one-shot program to its end.
 * @throws AppError `start-failed` with the end of its log
 */
export async function runNode(instance: Instance, program: NodeProgram): Promise<void> {
  const child = startNode(instance, program);
  const timer = setTimeout(() => child.kill('SIGKILL'), TASK_PATIENCE_MS);
  const status = await new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.once('error', (error) => resolve(error.message));
  });
  clearTimeout(timer);
  if (status !== 0) throw startFailed(instance, program.name, `ended with ${status}`);
}

/** What a person reads when a part of the system does not start. */
export function startFailed(instance: Instance, name: string, what: string): AppError {
  return new AppError({
    code: 'start-failed',
    kind: 'unavailable',
    message: `${name} ${what}. The end of ${logPath(instance, name)}:\n${lastWords(instance, name)}`,
  });
}
