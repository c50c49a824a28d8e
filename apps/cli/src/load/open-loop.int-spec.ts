import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpDoor } from './http-door.js';
import { LoadStatistics } from './load-statistics.js';
import { runOpenLoop } from './open-loop.js';

const SERVER = `
  const server = require('node:http').createServer((request, response) => response.end('{}'));
  server.keepAliveTimeout = 60000;
  server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)));`;

const PER_SECOND = 200;
const RUN_MS = 5_000;
const FREEZE_MS = 500;

function* everySoOften(): Generator<number> {
  for (let atMs = 0; atMs < RUN_MS; atMs += 1_000 / PER_SECOND) yield atMs;
}

describe(runOpenLoop.name, () => {
  let server: ChildProcess;
  let door: HttpDoor;

  beforeAll(async () => {
    server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(server.stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
    door = new HttpDoor(`http://127.0.0.1:${port.toString()}`);
  });

  afterAll(async () => {
    await door.close();
    server.kill('SIGKILL');
  });

  describe('when the server freezes for a tenth of the run', () => {
    it('shows a 99th percentile within 5 % of the truth and sends every request', async () => {
      const statistics = new LoadStatistics();
      const perform = async (startAtMs: number): Promise<void> => {
        const { status } = await door.call({ method: 'GET', path: '/', headers: {} }, 10_000);
        statistics.record('read', performance.now() - startAtMs, status !== 200, String(status));
      };
      const run = runOpenLoop({ arrivals: everySoOften(), perform });
      await sleep(2_000);
      server.kill('SIGSTOP');
      const frozenAtMs = performance.now();
      await sleep(FREEZE_MS);
      server.kill('SIGCONT');
      const frozenMs = performance.now() - frozenAtMs;
      const end = await run;

      // Of all requests, those that met the freeze waited for what was left of it: evenly, from nothing to all of it.
      const truthMs = frozenMs - 0.01 * RUN_MS;
      const p99Ms = statistics.figures()[0]?.p99Ms ?? 0;
      expect(end).toMatchObject({ sent: (RUN_MS * PER_SECOND) / 1_000, notSent: 0 });
      expect(Math.abs(p99Ms - truthMs) / truthMs).toBeLessThan(0.05);
    }, 20_000);
  });
});
