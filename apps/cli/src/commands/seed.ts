import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { AppError } from '#libs/errors';
import { mustCompose } from '../ha/compose.js';
import { runningMode } from '../ha/running-mode.js';
import { type Topology, topologyOf } from '../ha/topology.js';
import { currentInstance, type Instance } from '../lite/instance.js';
import { runNode } from '../lite/node-process.js';
import { ownerEnvironment } from '../lite/service-plan.js';

const SCRIPT = 'dist/apps/order/src/seed.js';
const SEED_HEAP_MB = 256;
const CONTAINER_TIMEOUT_MS = 120_000;
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
      const mode = await runningMode(instance);
      if (mode === undefined)
        throw new AppError({
          code: 'not-running',
          kind: 'not-found',
          message: 'Nothing runs. Start it with ./twofold up.',
        });
      if (mode === 'lite') await seedLite(instance, stock);
      else await seedInContainer(topologyOf(instance, mode), stock);
      process.stdout.write('The catalogue is in place.\n');
    });
}

async function seedLite(instance: Instance, stock: number | undefined): Promise<void> {
  const environment = {
    ...ownerEnvironment(instance, 'orders'),
    ...(stock === undefined ? {} : { SEED_STOCK: String(stock) }),
  };
  await runNode(instance, { name: 'seed', script: SCRIPT, environment, heapMb: SEED_HEAP_MB });
}

/** In a container of its own, which may log in as the owner. */
async function seedInContainer(topology: Topology, stock: number | undefined): Promise<void> {
  const setting = stock === undefined ? [] : ['--env', `SEED_STOCK=${stock}`];
  const command = ['run', '--rm', '--no-deps', ...setting, 'migrate', 'node', SCRIPT];
  await mustCompose(topology, command, 'look whether a database is up: ./twofold status', {
    timeoutMs: CONTAINER_TIMEOUT_MS,
  });
}

function parseStock(text: string): number {
  const stock = Number(text);
  if (!Number.isInteger(stock) || stock < 1 || stock > MAX_STOCK)
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MAX_STOCK}.`);
  return stock;
}
