import type { Command } from 'commander';
import { configureLogging } from '#libs/telemetry';
import { currentInstance } from '../lite/instance.js';
import { parseDurationMs } from '../load/load-plan.js';
import { renderCheck } from './check-report.js';
import { targetOf } from './check-target.js';
import { runCheck } from './run-check.js';

/** Exit codes: 0 kept, 1 broken, 2 nothing could be proven. */
const BROKEN = 1;
const NOTHING_PROVEN = 2;

type Options = { journal: string; fencing?: string; wait: string; json?: boolean };

export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('Hold every promise (I1 to I11) against journal, database, bus and the providers’ ledgers')
    .requiredOption('--journal <file>', 'what the client saw: written by load --journal')
    .option('--fencing <file>', 'who acted under which fencing token (I10): JSON logs of restart gates and monitors')
    .option('--wait <time>', 'longest wait for orders that are under way; they have a right to 60 s', '61s')
    .option('--json', 'print the report as JSON alone')
    .addHelpText('after', HELP)
    .action(check);
}

const HELP = `
Exit code 0: every promise was kept. 1: one was broken; counter-examples are printed. 2: nothing could be proven,
for example because the journal acknowledges nothing.

Example:
  ./twofold load --rate 50 --journal run.jsonl && ./twofold check --journal run.jsonl`;

async function check({ journal, fencing, wait, json }: Options): Promise<void> {
  // Standard output is the report's alone.
  configureLogging({ service: 'check', site: 'outside', level: 'silent', format: 'json' });
  const options = { journalPath: journal, fencingPath: fencing, waitMs: parseDurationMs(wait) };
  const report = await runCheck(await targetOf(currentInstance()), options).catch((cause: Error) => {
    process.stderr.write(`twofold: nothing can be proven: ${cause.message}\n`);
  });
  // Whoever reads exit codes must not take "could not look" for "was broken".
  process.exitCode = NOTHING_PROVEN;
  if (!report) return;
  process.stdout.write(`${json === true ? JSON.stringify(report, undefined, 2) : renderCheck(report)}\n`);
  if (!report.isGood) process.exitCode = BROKEN;
  else if (report.facts.acknowledged > 0) process.exitCode = 0;
  else process.stderr.write('The journal acknowledges no order: nothing is proven.\n');
}
