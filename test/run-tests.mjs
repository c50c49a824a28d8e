// Runs the checks one after the other, shows what each said, and ends with `N passed, N failed`.
// Usage: node test/run-tests.mjs [suite] [-- jest arguments]     suites: all (default), static, unit, integration, e2e, ha
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const env = {
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
};

// `npm run test:ha -- --all`: every fault instead of one per engine and kind
const isAll = process.argv.includes('--all');
if (isAll) env.TWOFOLD_TEST_ALL = '1';
const separator = process.argv.indexOf('--');
const [suite = 'all'] = process.argv.slice(2, separator < 0 ? undefined : separator);
const jestArguments = separator < 0 ? [] : process.argv.slice(separator + 1).filter((argument) => argument !== '--all');
const scratch = mkdtempSync(join(tmpdir(), 'twofold-test-'));

function run(command, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, env, stdio: 'inherit', ...options });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** A tool that says yes or no: counts as one check. */
const tool = (name, ...command) => ({
  name,
  run: async () => ((await run(command)) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
});

/** A Jest project: counts its tests, and one more failure when Jest failed without a failed test. */
const jest = (project, ...more) => ({
  name: project,
  run: async () => {
    const report = join(scratch, `${project}.json`);
    const command = ['jest', '--selectProjects', project, '--json', '--outputFile', report, ...more, ...jestArguments];
    const ok = await run(command, { stdio: ['ignore', 'ignore', 'inherit'] });
    const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = read(report);
    return { passed, failed: ok ? failed : Math.max(failed, 1) };
  },
});

function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return {};
  }
}

const statics = [
  tool('types', 'node', 'node_modules/typescript7/bin/tsc', '--noEmit', '-p', 'tsconfig.json'),
  tool('lint', 'oxlint', '--type-aware'),
  tool('format', 'biome', 'check', '--error-on-warnings', '.'),
  tool('boundaries', 'depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs', 'test'),
  tool('dead code', 'knip'),
];
const suites = {
  static: statics,
  unit: [jest('unit')],
  integration: [jest('integration')],
  e2e: [jest('e2e', '--runInBand')],
  ha: [jest('ha', '--runInBand')],
};
if (suite === 'ha') await run(['node', 'test/ha/install-programs.mjs']);

suites.all = [...statics, ...suites.unit, ...suites.integration, ...suites.e2e];

const steps = suites[suite];
if (!steps) {
  console.error(`There is no suite "${suite}". Choose one of: ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}

const results = [];
for (const step of steps) {
  const since = Date.now();
  console.log(`\n── ${step.name}`);
  const result = await step.run();
  results.push({ name: step.name, seconds: (Date.now() - since) / 1000, ...result });
}
rmSync(scratch, { recursive: true, force: true });

console.log('');
for (const { name, seconds, passed, failed } of results) {
  console.log(
    `${failed ? '✗' : '✓'} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s  ${passed} passed, ${failed} failed`,
  );
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exit(total('failed') ? 1 : 0);
