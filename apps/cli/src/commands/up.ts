import { Command, Option } from 'commander';
import { startDetached } from '../lite/detached.js';
import { runInForeground } from '../lite/foreground.js';
import { currentInstance } from '../lite/instance.js';

type UpOptions = { detach?: boolean; drill?: boolean };

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('Start everything on this machine, and stay with a live status')
    .option('-d, --detach', 'leave it running in the background; ./twofold down stops it')
    .addOption(new Option('--drill', 'drill builds: crash points and broken rules by files in drill/').hideHelp())
    .addHelpText(
      'after',
      `
Starts an embedded Postgres 17, two provider simulators, two payment and two order processes, and waits until an
order can be placed. A process that exits is started again. Ctrl-C stops all of it; data stays in .twofold/.

Examples:
  ./twofold up
  ./twofold up --detach && ./twofold status
  TWOFOLD_INSTANCE=1 ./twofold up        beside another one: ports from 8180 instead of 8080`,
    )
    .action(async ({ detach, drill = false }: UpOptions) => {
      const instance = currentInstance();
      if (detach === true) await startDetached(instance, drill);
      else await runInForeground(instance, { drill });
    });
}
