import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';
import { ROOT } from './service-process.js';

const START_PATIENCE_MS = 10_000;

/** What an edge lets through: its limits in the ha topology are for a whole core, those of a bench for a part of one. */
export type EdgeLimits = { readonly maxPerServer: number; readonly maxQueue: number };

/** The front door of the ha topology (`infra/edge/edge.cfg`) before servers of a bench. */
export class Edge implements AsyncDisposable {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(folder: string, doors: readonly string[], limits: EdgeLimits): Promise<Edge> {
    if (spawnSync('haproxy', ['-v']).status !== 0)
      throw new Error('This bench needs the front door of the ha topology. Install it: apt-get install haproxy.');
    const port = await freePort();
    const path = join(folder, 'edge.cfg');
    writeFileSync(path, configOf(port, await freePort(), doors, limits));
    const child = spawn('haproxy', ['-db', '-f', path], { stdio: ['ignore', 'ignore', 'inherit'] });
    await whenReady(`http://127.0.0.1:${port}/health/ready`);
    return new Edge(`http://127.0.0.1:${port}`, child);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}

function configOf(port: number, observePort: number, doors: readonly string[], limits: EdgeLimits): string {
  const edge = readFileSync(join(ROOT, 'infra/edge/edge.cfg'), 'utf8')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('bind :8404', `bind 127.0.0.1:${observePort}`)
    .replace(/queue\(order\) ge \d+/, `queue(order) ge ${limits.maxQueue}`);
  if (!edge.includes(`queue(order) ge ${limits.maxQueue}`))
    throw new Error('infra/edge/edge.cfg has no queue limit any more.');
  const servers = readFileSync(join(ROOT, 'infra/edge/servers-ha.cfg'), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*server /.test(line))
    .join('\n')
    .replace(/maxconn \d+/, `maxconn ${limits.maxPerServer}`);
  return [edge, servers.trimEnd(), ...doors.map((url, n) => `  server order-${n + 1} ${new URL(url).host}`), ''].join(
    '\n',
  );
}

async function whenReady(url: string): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS;
  for (;;) {
    const status = await fetch(url).then(
      ({ status }) => status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`${url} answers ${status}: the edge does not reach the service.`);
    await sleep(100);
  }
}
