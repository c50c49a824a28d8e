import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ordersProfile } from './profiles/orders-profile.js';
import { sagaProfile } from './profiles/saga-profile.js';
import { renderProfile } from './report/cpu-profile.js';
import { RESULTS } from './report/records.js';

const HELP = `npm run bench:profile [orders | saga] [-- --write]

Where the CPU goes: by V8's sampling profiler in the services, by pg_stat_statements in Postgres. Both without a name.
BENCH_SECONDS sets the length; --write keeps the pages in test/bench/results.
`;
const subjects = { orders: ordersProfile, saga: sagaProfile };

const words = process.argv.slice(2);
const names = words.filter((word) => word !== '--write');
const unknown = names.find((name) => !(name in subjects));
if (unknown !== undefined) {
  process.stderr.write(`There is no profile "${unknown}".\n${HELP}`);
  process.exit(2);
}
for (const [name, take] of Object.entries(subjects)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const page = renderProfile({ ...(await take()), command: `npm run bench:profile ${name} -- --write` });
  process.stdout.write(page);
  if (words.includes('--write')) writeFileSync(join(RESULTS, `profile-${name}.md`), page);
}
