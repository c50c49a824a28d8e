import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';

type Node = { port: number; process: ChildProcess; isSentinel: boolean };

/** Three servers and three Sentinels as child processes of the test, with the times of `infra/redis`. */
export class RedisCluster implements AsyncDisposable {
  private constructor(
    private readonly nodes: Node[],
    private readonly folder: string,
  ) {}

  static async start(): Promise<RedisCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-redis-'));
    const ports = await Promise.all(Array.from({ length: 6 }, freePort));
    const cluster = new RedisCluster([], folder);
    const first = ports[0] ?? 0;
    for (const [n, port] of ports.slice(0, 3).entries()) cluster.write(port, serverLines(n === 0 ? undefined : first));
    for (const port of ports.slice(3)) cluster.write(port, sentinelLines(first));
    for (const port of ports.slice(0, 3)) cluster.run(port, false);
    // A Sentinel that starts before the replicas are attached knows none.
    await eventually(() => hasReplicas(first), { timeoutMs: 30_000 });
    for (const port of ports.slice(3)) cluster.run(port, true);
    const sentinel = ports[3] ?? 0;
    const isComplete = async () =>
      expectText(
        await ask(sentinel, 'sentinel master mymaster'),
        /num-slaves\r\n\$1\r\n2[^]*num-other-sentinels\r\n\$1\r\n2/,
      );
    await eventually(isComplete, { timeoutMs: 30_000 });
    return cluster;
  }

  get sentinels(): string[] {
    return this.nodes.filter(({ isSentinel }) => isSentinel).map(({ port }) => `127.0.0.1:${port}`);
  }

  /** As the Sentinels see it. */
  async master(): Promise<number> {
    const sentinel = this.nodes.find(({ isSentinel }) => isSentinel)?.port ?? 0;
    return await eventually(async () => {
      const answer = await ask(sentinel, 'sentinel get-master-addr-by-name mymaster');
      const [, port] = /\r\n(\d{4,5})\r\n/.exec(answer) ?? [];
      if (port === undefined) throw new Error(`no master: ${answer}`);
      return Number(port);
    });
  }

  /**
   * Waits until the master has both replicas again: a node that was master when it died comes back as one, and the Sentinels
   * take 8 s to make it a replica. Before that a second failover leaves a master that may not write.
   */
  async whole(): Promise<void> {
    await eventually(async () => hasReplicas(await this.master()), { timeoutMs: 60_000, intervalMs: 200 });
  }

  /** As a process that hangs: its connections stay, nothing answers. */
  freeze(port: number): Disposable {
    this.node(port)?.process.kill('SIGSTOP');
    return { [Symbol.dispose]: () => this.node(port)?.process.kill('SIGCONT') };
  }

  /** As `kill -9`; disposing starts it again. */
  kill(port: number): Disposable {
    const isSentinel = this.node(port)?.isSentinel ?? false;
    this.node(port)?.process.kill('SIGKILL');
    return { [Symbol.dispose]: () => this.run(port, isSentinel) };
  }

  /** All of Redis, Sentinels included, with its memory. */
  killAll(): Disposable {
    const killed = this.nodes.map(({ port }) => this.kill(port));
    return { [Symbol.dispose]: () => killed.forEach((one) => one[Symbol.dispose]()) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.nodes) process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private node(port: number): Node | undefined {
    return this.nodes.find((node) => node.port === port);
  }

  private write(port: number, lines: readonly string[]): void {
    const all = [`port ${port}`, 'bind 127.0.0.1', `dir ${this.folder}`, ...lines];
    writeFileSync(join(this.folder, `${port}.conf`), `${all.join('\n')}\n`);
  }

  private run(port: number, isSentinel: boolean): void {
    const more = isSentinel ? ['--sentinel'] : [];
    const process = spawn('redis-server', [join(this.folder, `${port}.conf`), ...more], { stdio: 'ignore' });
    const known = this.node(port);
    if (known) known.process = process;
    else this.nodes.push({ port, process, isSentinel });
  }
}

const serverLines = (master: number | undefined): string[] => [
  'save ""',
  // A copy made for a replica must not be loaded at the next start: this memory is to be lost.
  'rdb-del-sync-files yes',
  'min-replicas-to-write 1',
  'min-replicas-max-lag 5',
  'repl-ping-replica-period 1',
  'repl-diskless-sync-delay 0',
  'repl-timeout 10',
  ...(master === undefined ? [] : [`replicaof 127.0.0.1 ${master}`]),
];

const sentinelLines = (master: number): string[] => [
  `sentinel monitor mymaster 127.0.0.1 ${master} 2`,
  'sentinel down-after-milliseconds mymaster 2000',
  // The same master may only fail over again after twice this time.
  'sentinel failover-timeout mymaster 3000',
];

async function hasReplicas(master: number): Promise<void> {
  expectText(await ask(master, 'info replication'), 'connected_slaves:2');
}

function expectText(text: string, part: string | RegExp): void {
  if (typeof part === 'string' ? !text.includes(part) : !part.test(text)) throw new Error(`not yet: ${text}`);
}

/** One command in plain words, answered as it comes. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    let text = '';
    socket.setTimeout(300, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
