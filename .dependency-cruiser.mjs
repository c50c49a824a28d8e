// Who may import whom. `test/architecture/boundaries.spec.ts` plants a violation of every rule and sees it found.

const KERNEL = 'contracts|errors';
const FOUNDATION = 'config|drill|health|telemetry';
const ADAPTERS = 'database|messaging|redis|registry|security';
// Specs, and what an app's own specs share.
const SPECS = '\\.(int-|e2e-|drill-)?spec\\.ts$|^apps/[^/]+/test/';

const libs = (names) => `^libs/(${names})/`;
const npm = (names) => `(^|/)node_modules/(${names})(/|$)`;

/** Only `owner` may import the packages: everybody else meets the driver through that library's port. */
const driver = (name, packages, owner) => ({
  name: `driver-${name}`,
  comment: `${packages} is hidden behind ${owner}`,
  severity: 'error',
  from: { path: '^(apps|libs)/', pathNot: `${owner}|${SPECS}` },
  to: { path: npm(packages) },
});

/** `names` may import nothing of ours but itself and `allowed`. */
const layer = (name, names, allowed) => ({
  name,
  severity: 'error',
  from: { path: libs(names), pathNot: SPECS },
  to: { path: '^(libs|apps)/', pathNot: `${allowed}|^libs/$1/` },
});

export default {
  forbidden: [
    {
      name: 'no-unresolvable',
      comment: 'an import that does not resolve would let every other rule pass',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^(apps|libs)/', pathNot: `${SPECS}|/src/main\\.ts$|\\.d\\.ts$` },
      to: {},
    },
    { name: 'libs-not-to-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-not-to-each-other',
      comment: 'apps talk by contracts',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'lib-only-through-its-index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/[^/]+/src/index\\.ts$|^$1/$2/|^libs/drill/src/disarmed\\.ts$' },
    },
    layer('kernel-imports-kernel-only', KERNEL, libs(KERNEL)),
    {
      name: 'kernel-without-nest-or-io',
      severity: 'error',
      from: { path: libs(KERNEL), pathNot: SPECS },
      to: { path: `${npm('@nestjs/[^/]+')}|^(node:)?(fs|net|http|https|child_process|dns|tls)(/|$)` },
    },
    layer('foundation-below-adapters', FOUNDATION, libs(`${KERNEL}|${FOUNDATION}`)),
    layer('adapters-do-not-know-each-other', ADAPTERS, libs(`${KERNEL}|${FOUNDATION}|database`)),
    {
      name: 'production-not-to-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: SPECS },
      to: { path: `^test/|${SPECS}` },
    },
    driver('postgres', 'pg|pg-[^/]+', '^libs/database/'),
    {
      ...driver('typeorm', 'typeorm|@nestjs/typeorm', '^libs/database/'),
      from: { path: '^(apps|libs)/', pathNot: `^libs/database/|\\.(entity|repository)\\.ts$|/migrations/|${SPECS}` },
    },
    driver('redis', 'ioredis', '^libs/redis/'),
    driver('kafka', 'kafkajs', '^libs/messaging/'),
    driver('etcd', 'etcd3', '^libs/registry/'),
    driver('jose', 'jose', '^libs/security/'),
    driver('circuit-breaker', 'cockatiel', '^libs/resilience/'),
    driver('metrics', 'prom-client', '^libs/telemetry/'),
    driver('logs', 'pino|pino-[^/]+|nestjs-pino', '^libs/telemetry/'),
    driver('health', '@nestjs/terminus', '^libs/health/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|apps/dashboard)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['development', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
