import { Command, CommanderError } from 'commander';
import { AppError } from '#libs/errors';
import { registerCheck } from './check/check.command.js';
import { registerCost } from './commands/cost.js';
import { registerDev } from './commands/dev.js';
import { registerDown } from './commands/down.js';
import { registerReset } from './commands/reset.js';
import { registerSeed } from './commands/seed.js';
import { registerStatus } from './commands/status.js';
import { registerToken } from './commands/token.js';
import { registerUp } from './commands/up.js';
import { registerLoad } from './load/load.command.js';

const program = new Command('twofold')
  .description('Twofold: a NestJS order and payment backend in which nothing exists only once')
  .usage('<command> [options]')
  .showHelpAfterError('(./twofold --help lists the commands)')
  .addHelpText(
    'after',
    `
Examples:
  ./twofold up                                  start everything, with nothing but Node
  ./twofold token --customer ada                a bearer token for curl
  TWOFOLD_INSTANCE=1 ./twofold up               a second system beside the first, its ports higher by 100

Everything it writes lies in .twofold/. More: README.md`,
  );

for (const register of [
  registerUp,
  registerDown,
  registerStatus,
  registerCost,
  registerToken,
  registerSeed,
  registerReset,
  registerDev,
  registerLoad,
  registerCheck,
])
  register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    // What we throw on purpose says what to do; anything else is a bug, and its stack helps.
    process.stderr.write(`twofold: ${error instanceof AppError ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
