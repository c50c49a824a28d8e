import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A violation of every rule: the files to plant, by rule. */
const planted: Record<string, Record<string, string>> = {
  'no-unresolvable': { 'apps/order/src/main.ts': `import './nowhere.js';` },
  'no-circular': {
    'apps/order/src/a.ts': `export * from './b.js';`,
    'apps/order/src/b.ts': `export * from './a.js';`,
  },
  'no-orphans': { 'apps/order/src/lonely.ts': 'export const lonely = 1;' },
  'libs-not-to-apps': {
    'libs/outbox/src/index.ts': `export * from '../../../apps/order/src/order.js';`,
    'apps/order/src/order.ts': 'export const order = 1;',
  },
  'apps-not-to-each-other': {
    'apps/order/src/main.ts': `import '../../payment/src/payment.js';`,
    'apps/payment/src/payment.ts': 'export const payment = 1;',
  },
  'lib-only-through-its-index': {
    'apps/order/src/main.ts': `import '../../../libs/errors/src/inner.js';`,
    'libs/errors/src/inner.ts': 'export const inner = 1;',
  },
  'kernel-imports-kernel-only': {
    'libs/contracts/src/index.ts': `import '#libs/config';`,
    'libs/config/src/index.ts': 'export const config = 1;',
  },
  'kernel-without-nest-or-io': { 'libs/errors/src/index.ts': `import 'node:fs';` },
  'foundation-below-adapters': {
    'libs/config/src/index.ts': `import '#libs/database';`,
    'libs/database/src/index.ts': 'export const database = 1;',
  },
  'adapters-do-not-know-each-other': {
    'libs/redis/src/index.ts': `import '#libs/messaging';`,
    'libs/messaging/src/index.ts': 'export const bus = 1;',
  },
  'production-not-to-tests': {
    'apps/order/src/main.ts': `import '../../../test/support/eventually.js';`,
    'test/support/eventually.ts': 'export const eventually = 1;',
  },
  'driver-postgres': { 'apps/order/src/main.ts': `import 'pg';` },
  'driver-typeorm': { 'apps/order/src/main.ts': `import 'typeorm';` },
  'driver-redis': { 'apps/order/src/main.ts': `import 'ioredis';` },
  'driver-kafka': { 'apps/order/src/main.ts': `import 'kafkajs';` },
  'driver-etcd': { 'apps/order/src/main.ts': `import 'etcd3';` },
  'driver-jose': { 'apps/order/src/main.ts': `import 'jose';` },
  'driver-circuit-breaker': { 'apps/order/src/main.ts': `import 'cockatiel';` },
  'driver-metrics': { 'apps/order/src/main.ts': `import 'prom-client';` },
  'driver-logs': { 'apps/order/src/main.ts': `import 'pino';` },
  'driver-health': { 'apps/order/src/main.ts': `import '@nestjs/terminus';` },
};

type Configuration = { default: { forbidden: { name: string }[] } };
const configuration = (await import(join(root, '.dependency-cruiser.mjs'))) as Configuration;
const rules = configuration.default.forbidden.map((rule) => rule.name);

async function plant(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function violations(folder: string): Promise<string[]> {
  const arguments_ = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', '.'];
  const depcruise = join(root, 'node_modules/.bin/depcruise');
  const { stdout } = await run(depcruise, arguments_, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }).catch(
    (error: { stdout: string }) => error,
  );
  const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return report.summary.violations.map((violation) => violation.rule.name);
}

describe('dependency rules', () => {
  let nursery: string;

  beforeAll(async () => {
    // Inside dist/: close enough to find node_modules, ignored by every other check.
    await mkdir(join(root, 'dist'), { recursive: true });
    nursery = await mkdtemp(join(root, 'dist/planted-'));
  });
  afterAll(() => rm(nursery, { recursive: true, force: true }));

  it('has a planted violation for every rule, and a rule for every violation', () => {
    expect(Object.keys(planted).sort()).toEqual([...rules].sort());
  });

  describe.each(rules)('%s', (rule) => {
    it('is found when it is broken', async () => {
      const folder = join(nursery, rule);
      await mkdir(folder);
      for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
        await cp(join(root, file), join(folder, file));
      await plant(folder, planted[rule] ?? {});
      expect(await violations(folder)).toContain(rule);
    });
  });
});
