import type { BenchRecord } from './records.js';
import { limitOf, spread, verdictOf } from './table.js';

const HEAD = `# Performance

Generated from \`test/bench/results/*.json\` by \`npm run bench table\`; do not edit. Every number is a median of rounds in
which all contestants took turns, with its lowest and highest round; beside it is the command that measures it again.
CPU is user and system time of the processes from \`/proc\`, the load generator's apart: on a machine that others share,
it says more than wall time does. Where it goes is shown by \`npm run bench:profile -- --write\`:
[in POST /orders](../test/bench/results/profile-orders.md), [in the whole saga](../test/bench/results/profile-saga.md).
`;

/** docs/performance.md */
export function renderPage(records: readonly BenchRecord[]): string {
  const rows = records.flatMap((record) =>
    record.measures
      .filter(({ limit }) => limit !== undefined)
      .map(
        (measure) =>
          `| [${record.id.toUpperCase()}](#${anchor(record)}) | ${measure.name} | ${limitOf(measure)} | ${spread(measure)} | ${verdictOf(measure)} | \`${record.command}\` |`,
      ),
  );
  const table = ['| | measure | goal | measured | | command |', '|---|---|---|---|---|---|', ...rows].join('\n');
  return [HEAD, table, ...records.map(section)].join('\n');
}

const heading = ({ id, title }: BenchRecord): string => `${id.toUpperCase()} ${title}`;
const anchor = (record: BenchRecord): string =>
  heading(record)
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

function section(record: BenchRecord): string {
  const { machine, effort } = record;
  const rows = record.measures.map(
    (measure) => `| ${measure.name} | ${spread(measure)} | ${limitOf(measure)} | ${verdictOf(measure)} |`,
  );
  return [
    `\n## ${heading(record)}\n`,
    `Goal: ${record.goal}.\n`,
    '| measure | median (lowest to highest round) | goal | |\n|---|---|---|---|',
    ...rows,
    '',
    ...record.notes.map((note) => `- ${note}`),
    `- \`${record.command}\`, ${effort.rounds} rounds of ${effort.seconds} s each, ${record.at.slice(0, 10)}, commit ${machine.commit}. ` +
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, kernel ${machine.kernel}, Node ${machine.node}; load average at the end ${machine.load}.`,
    '',
  ].join('\n');
}
