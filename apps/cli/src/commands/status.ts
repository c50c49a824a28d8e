import type { Command } from 'commander';
import { runningMode } from '../ha/running-mode.js';
import { topologyOf } from '../ha/topology.js';
import { currentInstance } from '../lite/instance.js';
import { haStatus } from '../status/ha-status.js';
import { liteStatus } from '../status/lite-status.js';
import { statusTable } from '../status/status-table.js';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('Show what runs, where, and how it is')
    .option('--json', 'print JSON alone, for programs; exits 0 whatever is dead')
    .addHelpText(
      'after',
      `
Examples:
  ./twofold status
  ./twofold status --json | jq -r '.services[] | select(.health != "up") | .name'
  docker kill $(./twofold status --json | jq -r '.services[] | select(.group == "kafka").container' | head -1)
  kill -9 $(./twofold status --json | jq '.services[] | select(.name == "order-1").pid')`,
    )
    .action(async ({ json }: { json?: boolean }) => {
      const instance = currentInstance();
      const mode = await runningMode(instance);
      const inContainers = mode === 'ha' || mode === 'spof';
      const status = await (inContainers ? haStatus(topologyOf(instance, mode)) : liteStatus(instance));
      process.stdout.write(`${json === true ? JSON.stringify(status, undefined, 2) : statusTable(status)}\n`);
    });
}
