import type { Command } from 'commander';
import { runInForeground } from '../lite/foreground.js';
import { currentInstance } from '../lite/instance.js';
import { watchSources } from '../lite/watch-sources.js';

export function registerDev(program: Command): void {
  program
    .command('dev')
    .description('As up, and rebuild and restart what you change')
    .addHelpText(
      'after',
      `
A change in apps/<app> restarts that app's processes, one in libs all of them, one after the other: as two of each
run, orders go on. Types are not checked here: run the type check beside it.`,
    )
    .action(async () => {
      await runInForeground(currentInstance(), { drill: false, onUp: watchSources });
    });
}
