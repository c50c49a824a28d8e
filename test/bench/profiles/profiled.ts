import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CpuProfile, ProfilePage } from '../report/cpu-profile.js';
import type { BenchPostgres } from '../rig/bench-postgres.js';

/** How long is measured, in s. */
export const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const INTERVAL_US = 250;
const TOP_STATEMENTS = 20;

/** What a profile finds; its command is added by who asks for it. */
export type Profile = Omit<ProfilePage, 'command'>;

/** Settings under which Postgres counts its statements. */
export const COUNTING = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' } as const;

/** On the clock of V8's profiles, which is the system's monotonic one. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Where a process leaves its profile when it ends. */
export class ProfileFolder implements Disposable {
  private readonly path = mkdtempSync(join(tmpdir(), 'twofold-profile-'));

  get nodeFlags(): string[] {
    return ['--cpu-prof', `--cpu-prof-dir=${this.path}`, `--cpu-prof-interval=${INTERVAL_US}`];
  }

  /** The profile of the process itself: its workers' have fewer nodes. */
  read(): CpuProfile {
    const all = readdirSync(this.path).map(
      (name) => JSON.parse(readFileSync(join(this.path, name), 'utf8')) as CpuProfile,
    );
    const [main] = all.sort((a, b) => b.nodes.length - a.nodes.length);
    if (!main) throw new Error(`No process has left a profile in ${this.path}.`);
    return main;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Counts statements anew. */
export async function countStatements(postgres: BenchPostgres): Promise<void> {
  await postgres.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await postgres.query('SELECT pg_stat_statements_reset()');
}

/** The statements that took longest since {@link countStatements}. */
export async function topStatements(postgres: BenchPostgres): Promise<Profile['statements']> {
  const rows = await postgres.query<{ calls: string; ms: number; text: string }>(
    `SELECT calls, total_exec_time AS ms, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS text
       FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT ${TOP_STATEMENTS}`,
  );
  return rows.map(({ calls, ms, text }) => ({ calls: Number(calls), ms, text }));
}
