import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { ServiceStatus } from '#libs/contracts';
import { currentInstance } from '../lite/instance.js';
import { costOf } from '../status/process-cost.js';
import { systemStatus } from '../status/system-status.js';

const MB = 1024 * 1024;
const MAX_SECONDS = 3_600;

/** CPU in percent of one core, memory (PSS) in MB. */
type Row = { readonly name: string; readonly cpuPercent: number; readonly megabytes: number };

export function registerCost(program: Command): void {
  program
    .command('cost')
    .description('Measure what the running system takes: CPU in percent of one core, memory as PSS')
    .option('--seconds <n>', 'how long to measure', parseSeconds, 30)
    .addHelpText(
      'after',
      `
Linux only; memory of containers is told to root alone. The container engine itself is not counted.

Examples:
  ./twofold cost
  sudo ./twofold cost --seconds 120`,
    )
    .action(async ({ seconds }: { seconds: number }) => {
      const { services } = await systemStatus(currentInstance());
      const rows = await measure(services, seconds * 1_000);
      const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
      const total = { name: 'all', cpuPercent: sum((row) => row.cpuPercent), megabytes: sum((row) => row.megabytes) };
      process.stdout.write([...rows, total].map(lineOf).join(''));
    });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= MAX_SECONDS)) throw new InvalidArgumentError(`Use 1 to ${MAX_SECONDS} seconds.`);
  return seconds;
}

async function measure(services: readonly ServiceStatus[], forMs: number): Promise<Row[]> {
  const alive = services.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
  const pids = alive.map(({ pid }) => pid);
  const [before, sinceMs] = [costOf(pids), performance.now()];
  await sleep(forMs);
  const [after, tookMs] = [costOf(pids), performance.now() - sinceMs];
  return alive.map(({ name }, index) => ({
    name,
    cpuPercent: (((after[index]?.cpuMs ?? 0) - (before[index]?.cpuMs ?? 0)) / tookMs) * 100,
    megabytes: (after[index]?.pssBytes ?? 0) / MB,
  }));
}

const lineOf = ({ name, cpuPercent, megabytes }: Row): string =>
  `  ${name.padEnd(13)} ${cpuPercent.toFixed(1).padStart(6)} %  ${megabytes.toFixed(0).padStart(5)} MB\n`;
