import { spawn } from 'node:child_process';
import { processEnvironment } from '#libs/config';

/** What is kept of a program's output. */
const MAX_OUTPUT_CHARS = 4_000_000;

export type DockerEnd = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type DockerOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** @default 30 s */
  readonly timeoutMs?: number;
  /** Shows its output on our standard error as it comes, instead of keeping it. */
  readonly isShown?: boolean;
};

const TIMEOUT_MS = 30_000;

/** Runs `docker …` without a shell. Never rejects: a missing program is code 127, a time-out 124. */
export function docker(args: readonly string[], options: DockerOptions = {}): Promise<DockerEnd> {
  return runProgram('docker', args, options);
}

/** @see docker */
export function runProgram(program: string, args: readonly string[], options: DockerOptions = {}): Promise<DockerEnd> {
  const { environment, folder, timeoutMs = TIMEOUT_MS, isShown = false } = options;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...(folder !== undefined && { cwd: folder }),
      env: { ...processEnvironment(), ...environment },
      stdio: isShown ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
    });
    const kept = { stdout: '', stderr: '' };
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        kept[name] = (kept[name] + text).slice(-MAX_OUTPUT_CHARS);
      });
    }
    const end = (code: number) => {
      clearTimeout(timer);
      resolve({ code: isTooLate ? 124 : code, ...kept });
    };
    child.once('error', (error) => {
      kept.stderr += error.message;
      end(127);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}
