import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { createTokenSigner } from '#libs/security';
import { runningMode } from '../ha/running-mode.js';
import { frontDoorsOf, topologyOf } from '../ha/topology.js';
import { currentInstance } from '../lite/instance.js';
import { readSecret } from '../lite/secrets.js';
import { frontDoors } from '../lite/service-plan.js';
import { PROFILES, type ProfileName } from './arrivals.js';
import { unusable } from './load.errors.js';
import { type LoadPlan, parseDurationMs } from './load-plan.js';
import { renderReport } from './load-report.js';
import { parseMix } from './random.js';
import type { Customer } from './reference-client.js';
import { type LoadProgress, runLoad } from './run-load.js';
import { parseThreshold } from './threshold.js';

type Options = {
  rate: string;
  duration: string;
  profile: ProfileName;
  tokens: string;
  journey: string;
  customers: string;
  zipf: string;
  hotSku?: string;
  hotShare: string;
  maxLines: string;
  seed: string;
  target: string[];
  tokenFile?: string;
  journal?: string;
  threshold: string[];
  report?: string;
  json?: boolean;
};

/** Most customers signed in by one run. */
const MAX_CUSTOMERS = 100_000;

const collect = (value: string, before: string[]): string[] => [...before, value];

export function registerLoad(program: Command): void {
  program
    .command('load')
    .description('Visit the shop like many customers at once, whatever it answers')
    .option('--rate <n>', 'requests per second at the peak', '50')
    .option('--duration <time>', 'as in 30s, 2m, 1h', '30s')
    .addOption(new Option('--profile <name>', 'shape of the load').choices(Object.keys(PROFILES)).default('steady'))
    .option('--journey <mix>', 'what visitors do, by weight', 'order=70,browse=15,read=10,cancel=5')
    .option('--tokens <mix>', 'how they pay, by weight', 'tok_ok=90,tok_declined=6,tok_5xx_twice=2,tok_lost_answer=2')
    .option('--customers <n>', 'how many different customers', '200')
    .option('--zipf <exponent>', 'how much more popular the first products are; 0: all alike', '1')
    .option('--hot-sku <sku>', 'a product that everybody wants')
    .option('--hot-share <share>', 'its share of order lines, 0 to 1', '1')
    .option('--max-lines <n>', 'most products in an order', '3')
    .option('--seed <n>', 'the same seed makes the same load', '1')
    .option('--target <url>', 'a front door, may be repeated (default: this instance)', collect, [])
    .option('--token-file <path>', 'bearer tokens, one a line, for another machine (./twofold token --count N)')
    .option('--journal <file>', 'append every attempt and answer there, for ./twofold check')
    .option(
      '--threshold <text>',
      'decides the exit code, may be repeated: p99<250ms, failed<0.1%, rate>95/s',
      collect,
      [],
    )
    .option('--report <file>', 'write the report there, as JSON')
    .option('--json', 'print the report as JSON alone')
    .addHelpText('after', HELP)
    .action(load);
}

const HELP = `
Requests start when they are meant to, whether or not earlier ones were answered, and their latency counts from then.
Each behaves like a patient client: 3 s an attempt, front doors in turn, the same Idempotency-Key, 15 s in all.

Examples:
  ./twofold load --rate 100 --duration 1m
  ./twofold load --profile black-friday --rate 400 --duration 5m --hot-sku SKU-00001 --hot-share 0.5
  ./twofold load --rate 50 --journal run.jsonl --threshold 'failed<0.1%' && ./twofold check --journal run.jsonl`;

async function load(options: Options): Promise<void> {
  const plan = planOf(options, options.target.length > 0 ? options.target : await ownDoors());
  const customers = await customersOf(options);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const onProgress = options.json ? () => {} : showProgress;
  const report = await runLoad(plan, { customers, onProgress, signal: stop.signal });
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
  process.stdout.write(`${options.json ? JSON.stringify(report, undefined, 2) : `\n${renderReport(report)}`}\n`);
  process.exitCode = report.isGood ? 0 : 1;
}

async function ownDoors(): Promise<string[]> {
  const instance = currentInstance();
  const mode = await runningMode(instance);
  return mode === 'ha' || mode === 'spof' ? frontDoorsOf(topologyOf(instance, mode)) : frontDoors(instance);
}

function planOf(options: Options, targets: readonly string[]): LoadPlan {
  return {
    targets,
    profile: options.profile,
    ratePerSecond: numberIn('--rate', options.rate, { min: 0.01, max: 100_000 }),
    durationMs: parseDurationMs(options.duration),
    customers: numberIn('--customers', options.customers, { min: 1, max: MAX_CUSTOMERS }),
    tokens: parseMix(options.tokens),
    journey: parseJourney(options.journey),
    zipf: numberIn('--zipf', options.zipf, { min: 0, max: 5 }),
    hotSku: options.hotSku,
    hotShare: numberIn('--hot-share', options.hotShare, { min: 0, max: 1 }),
    maxLines: numberIn('--max-lines', options.maxLines, { min: 1, max: 50 }),
    seed: numberIn('--seed', options.seed, { min: 0, max: 2 ** 32 - 2 }),
    journalPath: options.journal,
    thresholds: options.threshold.map(parseThreshold),
  };
}

function parseJourney(text: string): Map<string, number> {
  const mix = parseMix(text);
  const unknown = [...mix.keys()].find((step) => !['browse', 'order', 'read', 'cancel'].includes(step));
  if (unknown !== undefined) throw unusable(`--journey: ${unknown} is unknown. Use browse, order, read, cancel.`);
  return mix;
}

function numberIn(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw unusable(`${name} "${text}" must be a number from ${min} to ${max}.`);
  }
  return value;
}

async function customersOf({ tokenFile, customers }: Options): Promise<Customer[]> {
  if (tokenFile !== undefined) {
    const tokens = readFileSync(tokenFile, 'utf8').split('\n').filter(Boolean);
    return tokens.map((token) => ({ id: subjectOf(token), token }));
  }
  const count = numberIn('--customers', customers, { min: 1, max: MAX_CUSTOMERS });
  const sign = await createTokenSigner(readSecret(currentInstance(), 'token-key.json'));
  const ids = Array.from({ length: Math.floor(count) }, (_, index) => `load-${index + 1}`);
  return Promise.all(ids.map(async (id) => ({ id, token: await sign({ subject: id }) })));
}

function subjectOf(token: string): string {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return (JSON.parse(payload) as { sub: string }).sub;
}

function showProgress({ elapsedMs, phase, sentPerSecond, done, failed }: LoadProgress): void {
  const clock = new Date(elapsedMs).toISOString().slice(11, 19);
  const line = `${clock}  ${phase}  ${sentPerSecond}/s answered  ${done} done  ${failed} failed`;
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}
