import { spawn } from 'node:child_process';
import { closeSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processEnvironment } from '#libs/config';
import { AppError } from '#libs/errors';
import type { Instance } from './instance.js';
import { logPath, openLog } from './log-files.js';
import { readState, runningState } from './state-file.js';

const START_PATIENCE_MS = 5 * 60_000;
const POLL_MS = 100;

/**
 * Starts a launcher of its own in the background, shows what it says, and returns when an order can be placed.
 * @throws AppError `start-failed`, `already-running`
 */
export async function startDetached(instance: Instance, drill: boolean): Promise<void> {
  const log = openLog(instance, 'launcher');
  const path = logPath(instance, 'launcher');
  let shown = statSync(path).size;
  const program = join(instance.root, 'dist/apps/cli/src/main.js');
  const args = ['--enable-source-maps', '--max-semi-space-size=4', program, 'up', ...(drill ? ['--drill'] : [])];
  const { npm_lifecycle_event: _, ...environment } = processEnvironment();
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], detached: true, env: environment });
  closeSync(log);
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  const show = () => {
    const content = readFileSync(path);
    process.stdout.write(content.subarray(shown));
    shown = content.length;
  };
  const deadline = Date.now() + START_PATIENCE_MS;
  while (!isUp(instance, child.pid) && !hasExited() && Date.now() < deadline) {
    await pause(POLL_MS);
    show();
  }
  // The welcome comes right after the state.
  await pause(POLL_MS * 5);
  show();
  if (!isUp(instance, child.pid)) throw notStarted(path, hasExited());
  child.unref();
  process.stdout.write(`It runs in the background as process ${child.pid}; ./twofold down stops it.\n`);
}

function isUp(instance: Instance, pid: number | undefined): boolean {
  return readState(instance)?.launcherPid === pid && runningState(instance)?.ready === true;
}

function notStarted(path: string, exited: boolean): AppError {
  const message = exited
    ? 'It did not start; the reason is above'
    : `It was not up after ${START_PATIENCE_MS / 60_000} min`;
  return new AppError({ code: 'start-failed', kind: 'unavailable', message: `${message} and in ${path}.` });
}
