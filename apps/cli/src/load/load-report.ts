import type { LoadStatistics, StepFigures } from './load-statistics.js';
import type { LoopEnd } from './open-loop.js';
import { judge, type Threshold } from './threshold.js';

/** How a run went, for people (`renderReport`) and programs (as it is). */
export type LoadReport = {
  steps: StepFigures[];
  notSent: number;
  maxLateMs: number;
  /** Attempts per request; 1 is no retry. */
  amplification: number;
  generator: { cpuSeconds: number; cpuMsPerRequest: number; cores: number };
  thresholds: { text: string; measured: number; isMet: boolean }[];
  /** Whether all that was planned was sent and every threshold is met. */
  isGood: boolean;
};

export type RunFigures = {
  statistics: LoadStatistics;
  loop: LoopEnd;
  attempts: number;
  cpu: NodeJS.CpuUsage;
  elapsedMs: number;
};

export function reportOf(run: RunFigures, thresholds: readonly Threshold[]): LoadReport {
  const steps = run.statistics.figures();
  const count = Math.max(1, run.statistics.done);
  const cpuMs = (run.cpu.user + run.cpu.system) / 1_000;
  const judged = thresholds.map((threshold) => ({ text: threshold.text, ...judge(threshold, steps) }));
  return {
    steps,
    notSent: run.loop.notSent,
    maxLateMs: run.loop.maxLateMs,
    amplification: run.attempts / count,
    generator: { cpuSeconds: cpuMs / 1_000, cpuMsPerRequest: cpuMs / count, cores: cpuMs / run.elapsedMs },
    thresholds: judged,
    isGood: run.loop.notSent === 0 && judged.every(({ isMet }) => isMet),
  };
}

const COLUMNS = ['request', 'count', 'per s', 'failed', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max ms'] as const;

export function renderReport(report: LoadReport): string {
  const rows = report.steps.map((step) => [
    step.name,
    String(step.count),
    step.perSecond.toFixed(1),
    String(step.failed),
    ...[step.meanMs, step.p50Ms, step.p90Ms, step.p99Ms, step.p999Ms, step.maxMs].map((ms) => ms.toFixed(1)),
  ]);
  const { generator } = report;
  return [
    ...table([[...COLUMNS], ...rows]),
    '',
    ...report.steps.filter(({ name }) => name !== 'all').map(({ name, statuses }) => `${name}: ${listOf(statuses)}`),
    `attempts per request: ${report.amplification.toFixed(3)}`,
    `generator: ${generator.cpuMsPerRequest.toFixed(3)} ms CPU per request, ${generator.cores.toFixed(2)} cores, ` +
      `latest start ${report.maxLateMs.toFixed(1)} ms after its time`,
    ...(report.notSent > 0 ? [`NOT SENT: ${report.notSent}, too many were in flight: the run is not valid`] : []),
    ...report.thresholds.map(
      ({ text, measured, isMet }) => `${isMet ? 'met   ' : 'MISSED'} ${text} (${measured.toPrecision(4)})`,
    ),
  ].join('\n');
}

function table(rows: readonly string[][]): string[] {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

const listOf = (statuses: Record<string, number>): string =>
  Object.entries(statuses)
    .map(([status, count]) => `${status} x ${count}`)
    .join(', ');
