import type { Command } from 'commander';
import { currentInstance } from '../lite/instance.js';
import { monitorText, monitorViewOf } from '../status/monitor-view.js';
import { statusTable } from '../status/status-table.js';
import { systemStatus } from '../status/system-status.js';

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
      const status = await systemStatus(currentInstance());
      if (json === true) return void process.stdout.write(`${JSON.stringify(status, undefined, 2)}\n`);
      const view = await monitorViewOf(status.dashboards);
      process.stdout.write(`${statusTable(status)}\n${view ? `${monitorText(view)}\n` : ''}`);
    });
}
