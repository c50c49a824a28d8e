import { spawn } from 'node:child_process';

const KEPT_OUTPUT_CHARS = 20_000;

/**
 * Runs a program without a shell and collects its output. Never rejects: a missing program is code 127, a time-out 124.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ timeoutMs?: number, cwd?: string, env?: Record<string, string>, input?: import('node:stream').Readable }} [options]
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function run(program, args, options = {}) {
  const { timeoutMs = 600_000, cwd, env, input } = options;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const kept = { stdout: '', stderr: '' };
    let code124 = false;
    const timer = setTimeout(() => {
      code124 = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => {
        kept[name] = (kept[name] + text).slice(-KEPT_OUTPUT_CHARS);
      });
    }
    if (input) input.pipe(child.stdin).on('error', () => {});
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, stdout: '', stderr: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code124 ? 124 : (code ?? 1), ...kept });
    });
  });
}

/** True when the program ran and ended with 0. */
export async function succeeds(program, args, options) {
  return (await run(program, args, options)).code === 0;
}

/** The last lines of a failed program, for a message. */
export function tail(result, lines = 12) {
  return `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-lines).join('\n');
}
