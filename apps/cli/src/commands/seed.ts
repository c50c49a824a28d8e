import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { AppError } from '#libs/errors';
import { currentInstance } from '../lite/instance.js';
import { runNode } from '../lite/node-process.js';
import { ownerEnvironment } from '../lite/service-plan.js';
import { runningState } from '../lite/state-file.js';

const SEED_HEAP_MB = 256;
const MAX_STOCK = 2_000_000_000;

export function registerSeed(program: Command): void {
  program
    .command('seed')
    .description('Put the catalogue into the running database; products that exist stay')
    .option(
      '--stock <pieces>',
      'fill every shelf that is not scarce up to at least that many pieces; none is emptied',
      parseStock,
    )
    .addHelpText('after', '\nExample:\n  ./twofold seed --stock 1000000      enough for a load test')
    .action(async ({ stock }: { stock?: number }) => {
      const instance = currentInstance();
      if (runningState(instance) === undefined)
        throw new AppError({
          code: 'not-running',
          kind: 'not-found',
          message: 'Nothing runs. Start it with ./twofold up.',
        });
      const environment = {
        ...ownerEnvironment(instance, 'orders'),
        ...(stock === undefined ? {} : { SEED_STOCK: String(stock) }),
      };
      const script = 'dist/apps/order/src/seed.js';
      await runNode(instance, { name: 'seed', script, environment, heapMb: SEED_HEAP_MB });
      process.stdout.write('The catalogue is in place.\n');
    });
}

function parseStock(text: string): number {
  const stock = Number(text);
  if (!Number.isInteger(stock) || stock < 1 || stock > MAX_STOCK)
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MAX_STOCK}.`);
  return stock;
}
