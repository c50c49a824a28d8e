import { isMet, type Measure } from '../bench.js';
import type { BenchRecord } from './records.js';

/** As many digits as mean something. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export const spread = ({ sample, unit }: Measure): string =>
  `${figure(sample.median)} ${unit}${sample.rounds.length > 1 ? ` (${figure(sample.min)} to ${figure(sample.max)})` : ''}`;

export const limitOf = ({ limit, good = 'below', unit }: Measure): string =>
  limit === undefined ? '' : `${good === 'below' ? '≤' : '≥'} ${figure(limit)} ${unit}`;

export const verdictOf = (measure: Measure): string => {
  const met = isMet(measure);
  if (met === undefined) return '';
  return met ? 'met' : 'not met';
};

/** One line per goal with a limit. */
export function renderTable(records: readonly BenchRecord[]): string {
  const rows = records.flatMap((record) =>
    record.measures
      .filter(({ limit }) => limit !== undefined)
      .map((measure) => [record.id.toUpperCase(), measure.name, limitOf(measure), spread(measure), verdictOf(measure)]),
  );
  return columns([['', 'measure', 'goal', 'measured: median (spread)', ''], ...rows]);
}

/** Everything that one bench measured. */
export function renderMeasures(record: BenchRecord): string {
  return columns(
    record.measures.map((measure) => [measure.name, spread(measure), limitOf(measure), verdictOf(measure)]),
  );
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
