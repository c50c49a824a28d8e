import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchPostgres } from './bench-postgres.js';
import { ROLE_PASSWORD } from './bench-postgres.js';
import { cpuBetween, readCpu } from './cpu.js';
import { ROOT } from './service-process.js';

/** Where Debian's postgresql packages put what they do not put on the path. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const PROGRESS = /^progress: ([\d.]+) s, ([\d.]+) tps/;

/** @throws Error that says how to get it */
export function pgbenchProgram(): string {
  if (spawnSync('pgbench', ['--version']).status === 0) return 'pgbench';
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort().reverse() : [];
  const found = versions.map((version) => join(DEBIAN_FOLDER, version, 'bin/pgbench')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    'This bench compares with pgbench, which is not here. Install it: apt-get install postgresql-contrib.',
  );
}

export type PgbenchPlan = {
  readonly postgres: BenchPostgres;
  /** File below test/bench/sql. */
  readonly script: string;
  /** Schema whose tables the script means. */
  readonly schema: string;
  readonly clients: number;
  readonly seconds: number;
  readonly variables: Readonly<Record<string, string>>;
};

/** What pgbench did, and what Postgres spent on it; its own CPU is apart, as any generator's. */
export type PgbenchStretch = { readonly transactions: number; readonly perSecond: number; readonly postgresUs: number };

/** The first second warms up: connections, caches and plans are not counted. */
export function pgbench(plan: PgbenchPlan): Promise<PgbenchStretch> {
  const { postgres, clients, seconds, variables } = plan;
  const flags = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds + 3), '-P', '1'];
  const values = Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const where = ['-h', '127.0.0.1', '-p', String(postgres.port), '-U', 'twofold_orders', 'twofold'];
  const script = join(ROOT, 'test/bench/sql', plan.script);
  const child = spawn(pgbenchProgram(), [...flags, ...values, '-f', script, ...where], {
    env: {
      PATH: process.env.PATH,
      PGPASSWORD: ROLE_PASSWORD,
      PGOPTIONS: `-c search_path=${plan.schema} -c timezone=UTC`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const ticks: { atSeconds: number; tps: number; cpu: Record<string, number> }[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, atSeconds, tps] = PROGRESS.exec(line) ?? [];
      if (atSeconds === undefined) said.push(line);
      else ticks.push({ atSeconds: Number(atSeconds), tps: Number(tps), cpu: readCpu({ postgres: [postgres.pid] }) });
    });
    child.once('error', reject);
    child.once('close', (code) => {
      // The last tick falls among the clients' goodbyes.
      ticks.pop();
      const [first] = ticks;
      const last = ticks.at(-1);
      if (code !== 0 || !first || !last || first === last)
        reject(new Error(`pgbench failed (${code}):\n${said.join('\n')}`));
      else resolve(stretchOf(ticks, cpuBetween(first.cpu, last.cpu).postgres ?? 0));
    });
  });
}

function stretchOf(ticks: readonly { atSeconds: number; tps: number }[], cpuMs: number): PgbenchStretch {
  let transactions = 0;
  for (let n = 1; n < ticks.length; n++) {
    transactions += (ticks[n]?.tps ?? 0) * ((ticks[n]?.atSeconds ?? 0) - (ticks[n - 1]?.atSeconds ?? 0));
  }
  const seconds = (ticks.at(-1)?.atSeconds ?? 0) - (ticks[0]?.atSeconds ?? 0);
  return { transactions, perSecond: transactions / seconds, postgresUs: (cpuMs * 1_000) / transactions };
}
