import { Command, Option } from 'commander';
import type { Mode } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { runTopology } from '../ha/run-topology.js';
import { runningMode } from '../ha/running-mode.js';
import { topologyOf } from '../ha/topology.js';
import { startDetached } from '../lite/detached.js';
import { runInForeground } from '../lite/foreground.js';
import { currentInstance, type Instance } from '../lite/instance.js';

type UpOptions = { mode: Mode; detach?: boolean; drill?: boolean };

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('Start everything on this machine, and stay with a live status')
    .addOption(new Option('--mode <mode>', 'topology').choices(['lite', 'ha', 'spof']).default('lite'))
    .option('-d, --detach', 'leave it running in the background; ./twofold down stops it')
    .addOption(new Option('--drill', 'drill builds: crash points and broken rules by files in drill/').hideHelp())
    .addHelpText(
      'after',
      `
lite: an embedded Postgres 17, two provider simulators, two payment and two order processes. A process that exits is
started again. Ctrl-C stops all of it; data stays in .twofold/.

ha: everything at least twice, on three sites, in containers (docker-compose.yml); spof: one of each, as in 2019. Uses
the Docker engine that is there; on Debian as root it installs one. Returns when an order was placed, paid and confirmed;
the containers run on in the background until ./twofold down. Ctrl-C before that leaves what was started: the same
command goes on from there.

Examples:
  ./twofold up
  ./twofold up --detach && ./twofold status
  ./twofold up --mode ha
  TWOFOLD_INSTANCE=1 ./twofold up        beside another one: ports from 8180 instead of 8080`,
    )
    .action(async ({ mode, detach, drill = false }: UpOptions) => {
      const instance = currentInstance();
      if (mode !== 'lite') return await runTopology(topologyOf(instance, mode, drill ? 'drill' : 'production'));
      await refuseBesideContainers(instance);
      if (detach === true) await startDetached(instance, drill);
      else await runInForeground(instance, { drill });
    });
}

/** They share ports and secrets: the message says more than a port in use would. */
async function refuseBesideContainers(instance: Instance): Promise<void> {
  const mode = await runningMode(instance);
  if (mode === undefined || mode === 'lite') return;
  const message = `This instance runs as ${mode}, in containers. Stop that first (npm stop), or start beside it with TWOFOLD_INSTANCE=1.`;
  throw new AppError({ code: 'already-running', kind: 'conflict', message });
}
