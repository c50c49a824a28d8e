import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { removeTopology } from '../ha/stop-topology.js';
import { topologyOf } from '../ha/topology.js';
import { currentInstance, type Instance } from '../lite/instance.js';
import { reachableTwin } from '../lite/postgres-binaries.js';
import { stopInstance } from './down.js';

export function registerReset(program: Command): void {
  program
    .command('reset')
    .description(
      'Stop everything, containers too, and delete its data: orders, payments, ledgers, secrets, logs, volumes',
    )
    .action(async () => {
      const instance = currentInstance();
      await stopInstance(instance);
      for (const mode of ['ha', 'spof'] as const) await removeTopology(topologyOf(instance, mode));
      deleteData(instance);
      process.stdout.write(`Deleted ${instance.folder}. ./twofold up starts with an empty shop.\n`);
    });
}

/** Deletes what belongs to this instance; other instances below the same folder stay. */
function deleteData(instance: Instance): void {
  rmSync(reachableTwin(join(instance.folder, 'postgres')), { recursive: true, force: true });
  for (const name of entriesOf(instance.folder))
    if (!name.startsWith('instance-')) rmSync(join(instance.folder, name), { recursive: true, force: true });
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
