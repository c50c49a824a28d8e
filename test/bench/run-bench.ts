import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { benches } from './benches.js';
import { machine } from './report/machine.js';
import { renderPage } from './report/performance-page.js';
import { type BenchRecord, RESULTS, readRecords } from './report/records.js';
import { renderMeasures, renderTable } from './report/table.js';
import type { Effort } from './rig/rounds.js';
import { MIN_ROUNDS } from './rig/rounds.js';
import { ROOT } from './rig/service-process.js';

const DEFAULT_SECONDS = 8;
const HELP = `npm run bench [p1 … p10 | table]

Without a name, all of them, about an hour. \`table\` prints what was measured last and writes docs/performance.md from it.
BENCH_ROUNDS (at least ${MIN_ROUNDS}, or nothing is recorded) and BENCH_SECONDS (per contestant and round) set the effort.
`;

const effort: Effort = {
  rounds: Number(process.env.BENCH_ROUNDS ?? MIN_ROUNDS),
  seconds: Number(process.env.BENCH_SECONDS ?? DEFAULT_SECONDS),
};

async function measure(bench: Bench): Promise<void> {
  process.stderr.write(`\n${bench.id.toUpperCase()} ${bench.title}\n`);
  const at = new Date().toISOString();
  const findings = await bench.run(effort);
  const { id, title, goal } = bench;
  const record: BenchRecord = {
    id,
    title,
    goal,
    at,
    effort,
    command: `npm run bench ${id}`,
    machine: machine(),
    ...findings,
  };
  process.stdout.write(`${renderMeasures(record)}\n`);
  if (effort.rounds < MIN_ROUNDS) return;
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${id}.json`), `${JSON.stringify(record, undefined, 2)}\n`);
}

function showTable(): void {
  const records = readRecords();
  process.stdout.write(`\n${renderTable(records)}\n`);
  writeFileSync(join(ROOT, 'docs/performance.md'), renderPage(records));
}

const names = process.argv.slice(2);
const unknown = names.find((name) => name !== 'table' && !benches.some(({ id }) => id === name));
if (unknown !== undefined) {
  process.stderr.write(`There is no bench "${unknown}".\n${HELP}`);
  process.exit(2);
}
const chosen = names.length === 0 ? benches : benches.filter(({ id }) => names.includes(id));
const failures: string[] = [];
for (const bench of chosen) {
  await measure(bench).catch((error: unknown) => {
    failures.push(bench.id);
    process.stderr.write(`${bench.id} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  });
}
showTable();
process.exit(failures.length > 0 ? 1 : 0);
