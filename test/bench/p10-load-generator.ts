import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import { LoadStatistics } from '../../apps/cli/src/load/load-statistics.js';
import { runOpenLoop } from '../../apps/cli/src/load/open-loop.js';
import type { Bench, Findings } from './bench.js';
import { type Effort, sampleOf } from './rig/rounds.js';

const SERVER = `
  const server = require('node:http').createServer((request, response) => response.end('{}'));
  server.keepAliveTimeout = 60000;
  server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)));`;
const PER_SECOND = 2_000;
const RUN_MS = 10_000;
const FREEZE_MS = 1_000;

export const loadGenerator: Bench = {
  id: 'p10',
  title: 'The load generator itself',
  goal: 'p99 within 5 % of the truth when the server freezes 1 s in 10; ≤ 0.15 ms CPU per request',
  run,
};

async function run({ rounds }: Effort): Promise<Findings> {
  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(server.stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
  const door = new HttpDoor(`http://127.0.0.1:${port.toString()}`);
  const errors: number[] = [];
  const cpuMs: number[] = [];
  await freezeOnce(door, server);
  for (let round = 0; round < rounds; round++) {
    const { errorPercent, cpuMsPerRequest } = await freezeOnce(door, server);
    errors.push(errorPercent);
    cpuMs.push(cpuMsPerRequest);
  }
  await door.close();
  server.kill('SIGKILL');
  return {
    measures: [
      { name: 'p99, off the truth', unit: '%', sample: sampleOf(errors), limit: 5 },
      { name: 'CPU per request', unit: 'ms', sample: sampleOf(cpuMs), limit: 0.15 },
    ],
    notes: [
      `Open loop of \`twofold load\`: ${PER_SECOND} requests a second for 10 s against a server in another process, which is stopped for 1 s. At half that rate the same timers wake for half as many requests, and each costs more.`,
      'Truth: the requests of that second waited for what was left of it, so 99 % of all waited at most as long as the freeze, less 0.1 s.',
      'apps/cli/src/load/open-loop.int-spec.ts proves the same in CI.',
    ],
  };
}

async function freezeOnce(
  door: HttpDoor,
  server: ChildProcess,
): Promise<{ errorPercent: number; cpuMsPerRequest: number }> {
  const statistics = new LoadStatistics();
  const perform = async (startAtMs: number): Promise<void> => {
    const { status } = await door.call({ method: 'GET', path: '/', headers: {} }, 10_000);
    statistics.record('read', performance.now() - startAtMs, status !== 200, String(status));
  };
  const arrivals = Array.from({ length: (RUN_MS * PER_SECOND) / 1_000 }, (_, n) => (n * 1_000) / PER_SECOND);
  const before = process.cpuUsage();
  const loop = runOpenLoop({ arrivals, perform });
  await sleep(RUN_MS / 2);
  server.kill('SIGSTOP');
  const frozenAtMs = performance.now();
  await sleep(FREEZE_MS);
  server.kill('SIGCONT');
  const truthMs = performance.now() - frozenAtMs - 0.01 * RUN_MS;
  const { notSent } = await loop;
  if (notSent > 0) throw new Error(`${notSent} requests were not sent.`);
  const cpu = process.cpuUsage(before);
  const p99Ms = statistics.figures()[0]?.p99Ms ?? 0;
  return {
    errorPercent: (100 * Math.abs(p99Ms - truthMs)) / truthMs,
    cpuMsPerRequest: (cpu.user + cpu.system) / 1_000 / arrivals.length,
  };
}
