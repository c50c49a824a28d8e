import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { AppError } from '#libs/errors';
import { stopTopology } from '../ha/stop-topology.js';
import { topologyOf } from '../ha/topology.js';
import { currentInstance, type Instance } from '../lite/instance.js';
import { isAlive, signal } from '../lite/process-table.js';
import { clearStaleState, runningState } from '../lite/state-file.js';

/** Draining services take up to 12 s each tier, Postgres up to 20 s; after this something is stuck. */
const STOP_PATIENCE_MS = 60_000;
const POLL_MS = 50;

export function registerDown(program: Command): void {
  program
    .command('down')
    .description('Stop everything that up started, in whatever mode; data stays')
    .action(async () => {
      const stopped = await stopAnything(currentInstance());
      process.stdout.write(stopped ? 'Stopped. Data is kept; ./twofold up goes on with it.\n' : 'Nothing runs.\n');
    });
}

/** Stops whatever mode of the instance runs. @returns false when nothing ran. @throws AppError when something does not end */
async function stopAnything(instance: Instance): Promise<boolean> {
  let stopped = await stopInstance(instance);
  for (const mode of ['ha', 'spof'] as const) stopped = (await stopTopology(topologyOf(instance, mode))) || stopped;
  return stopped;
}

/** Stops lite. @returns false when nothing ran. @throws AppError when the launcher does not end */
export async function stopInstance(instance: Instance): Promise<boolean> {
  const state = runningState(instance);
  if (state === undefined) {
    await clearStaleState(instance);
    return false;
  }
  signal(state.launcherPid, 'SIGTERM');
  const deadline = Date.now() + STOP_PATIENCE_MS;
  while (isAlive(state.launcherPid)) {
    if (Date.now() > deadline)
      throw new AppError({
        code: 'already-running',
        kind: 'conflict',
        message: `Process ${state.launcherPid} does not end. End it with kill -9 ${state.launcherPid}: what it started ends with it.`,
      });
    await pause(POLL_MS);
  }
  return true;
}
