import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import { type CpuProfile, renderProfile } from './report/cpu-profile.js';
import { saturate } from './rig/closed-loop.js';
import { ROOT } from './rig/service-process.js';
import { Shop, WITHOUT_EVENTS } from './rig/shop.js';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const CONCURRENCY = 128;
const TOP_STATEMENTS = 12;

type StatementRow = { calls: string; ms: number; rows: string; text: string };

/** On the clock of V8's profiles, which is the system's monotonic one. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Where the CPU of POST /orders goes, in the service by V8's sampling profiler and in Postgres by pg_stat_statements. */
async function profile(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-profile-'));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=250'];
  await using shop = await Shop.open({
    environment: WITHOUT_EVENTS,
    postgres: { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' },
    nodeFlags: flags,
  });
  await shop.postgres.query('CREATE EXTENSION pg_stat_statements');
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const plan = { doors, customers: shop.customers, groups: shop.groups, concurrency: CONCURRENCY };
  await saturate({ ...plan, seconds: 2 });
  await shop.postgres.query('SELECT pg_stat_statements_reset()');
  const fromUs = nowUs();
  const stretch = await saturate({ ...plan, seconds: SECONDS, warmUpSeconds: 0 });
  const toUs = nowUs();
  const statements = await shop.postgres.query<StatementRow>(
    `SELECT calls, total_exec_time AS ms, rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS text
       FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT ${TOP_STATEMENTS}`,
  );
  for (const door of doors) await door.close();
  await shop.stopOrders();
  const files = readdirSync(folder);
  const app = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile);
  if (process.env.KEEP) writeFileSync(process.env.KEEP, readFileSync(join(folder, files[0] as string)));
  rmSync(folder, { recursive: true });
  const figures = Object.entries(stretch.cpuUs).map(([name, us]) => `${name} ${us.toFixed(1)} µs`);
  return renderProfile({
    title: `${stretch.orders} orders at concurrency ${CONCURRENCY}: ${figures.join(', ')} of CPU each (profiler on)`,
    profile: app.sort((a, b) => b.nodes.length - a.nodes.length)[0] as CpuProfile,
    window: { fromUs, toUs },
    orders: stretch.orders,
    statements: statements.map(({ calls, ms, text }) => ({ calls: Number(calls), ms, text })),
  });
}

const page = await profile();
process.stdout.write(page);
if (process.argv.includes('--write')) writeFileSync(join(ROOT, 'test/bench/results/profile.md'), page);
