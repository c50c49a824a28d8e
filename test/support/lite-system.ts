import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LedgerItem, OrderView, ServiceStatus, SystemStatus } from '#libs/contracts';
import { eventually } from './eventually.js';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Longest start: two of them and their tests may share two cores. */
const START_TIMEOUT_MS = 180_000;
const COMMAND_TIMEOUT_MS = 180_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The instance of the tests: beside whatever runs here already. `TWOFOLD_TEST_INSTANCE` moves it. */
const TEST_INSTANCE = Number(process.env.TWOFOLD_TEST_INSTANCE ?? 8);

/** What a command of ours printed, and how it ended. */
export type CommandEnd = { code: number; stdout: string; stderr: string };

/** A whole lite system of its own, started and driven by the command line that people use. */
export class LiteSystem implements AsyncDisposable {
  readonly instance = TEST_INSTANCE;

  private constructor() {}

  /** Starts from nothing. `drill` arms crash points and switches; `rules` are set for every service from the start. */
  static async start(options: { drill?: boolean; rules?: string } = {}): Promise<LiteSystem> {
    const system = await LiteSystem.empty();
    if (options.rules !== undefined) await system.setRules(options.rules);
    await system.up(options.drill === true || options.rules !== undefined);
    return system;
  }

  /** Nothing runs, nothing is stored. */
  static async empty(): Promise<LiteSystem> {
    const system = new LiteSystem();
    await system.command('reset');
    return system;
  }

  get folder(): string {
    return join(root, '.twofold', `instance-${this.instance}`);
  }

  async up(drill = false): Promise<void> {
    const end = await this.command('up', '--detach', ...(drill ? ['--drill'] : []));
    if (end.code !== 0) throw new Error(`twofold up failed:\n${end.stdout}\n${end.stderr}`);
  }

  /** Runs `./twofold …` for this instance. */
  async command(...args: string[]): Promise<CommandEnd> {
    const env = { ...process.env, NODE_OPTIONS: '', TWOFOLD_INSTANCE: String(this.instance) };
    const timeout = args[0] === 'up' ? START_TIMEOUT_MS : COMMAND_TIMEOUT_MS;
    try {
      const ended = await run('./twofold', args, { cwd: root, env, timeout, maxBuffer: MAX_OUTPUT_BYTES });
      return { code: 0, ...ended };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as Partial<CommandEnd>;
      return { code: typeof code === 'number' ? code : -1, stdout, stderr: stderr || String(error) };
    }
  }

  async status(): Promise<SystemStatus> {
    return JSON.parse((await this.command('status', '--json')).stdout) as SystemStatus;
  }

  async service(name: string): Promise<ServiceStatus> {
    const found = (await this.status()).services.find((service) => service.name === name);
    if (!found) throw new Error(`status knows no service ${name}.`);
    return found;
  }

  /** `kill -9`, and waits until a successor is up; gives back how long that took. */
  async killAndAwait(name: string, timeoutMs = 30_000): Promise<number> {
    const { pid } = await this.service(name);
    if (pid === undefined) throw new Error(`${name} has no process.`);
    const since = performance.now();
    process.kill(pid, 'SIGKILL');
    await this.awaitSuccessor(name, pid, timeoutMs);
    return performance.now() - since;
  }

  async awaitSuccessor(name: string, oldPid: number, timeoutMs = 30_000): Promise<void> {
    await eventually(
      async () => {
        const { pid, health } = await this.service(name);
        if (pid === undefined || pid === oldPid || health !== 'up') throw new Error(`${name} is ${health}, pid ${pid}`);
      },
      { timeoutMs, intervalMs: 200 },
    );
  }

  /** Kills a service at a crash point, once: its successor runs without it. Restarts the service to arm it. */
  async crashAt(name: string, point: string): Promise<void> {
    await mkdir(join(this.folder, 'drill'), { recursive: true });
    await writeFile(join(this.folder, 'drill', `${name}.once.env`), `DRILL_CRASH_AT=${point}\n`);
    await this.killAndAwait(name);
  }

  /** Starts `./twofold up` in the foreground, as `npm start` does; its launcher is the child itself. */
  startForeground(): ChildProcess {
    const env = { ...process.env, NODE_OPTIONS: '', TWOFOLD_INSTANCE: String(this.instance) };
    return spawn('./twofold', ['up'], { cwd: root, env, stdio: 'ignore' });
  }

  async token(customer: string): Promise<string> {
    return (await this.command('token', '--customer', customer)).stdout.trim();
  }

  door(index: 0 | 1 = 0): string {
    return `http://127.0.0.1:${8080 + index + this.instance * 100}`;
  }

  /** Everything both providers did, oldest first for each. */
  async ledger(): Promise<LedgerItem[]> {
    const items: LedgerItem[] = [];
    for (const { url } of (await this.status()).providers) items.push(...(await readLedger(url)));
    return items;
  }

  async stop(): Promise<void> {
    await this.command('down');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async setRules(off: string): Promise<void> {
    const folder = join(this.folder, 'drill');
    await mkdir(folder, { recursive: true });
    for (const name of ['order-1', 'order-2', 'payment-1', 'payment-2'])
      await writeFile(join(folder, `${name}.env`), `DRILL_SWITCH_OFF=${off}\n`);
  }
}

async function readLedger(url: string): Promise<LedgerItem[]> {
  const items: LedgerItem[] = [];
  let after = '';
  do {
    const page = (await (await fetch(`${url}/ledger?limit=1000${after}`)).json()) as {
      items: LedgerItem[];
      next?: string;
    };
    items.push(...page.items);
    after = page.next === undefined ? '' : `&after=${encodeURIComponent(page.next)}`;
  } while (after !== '');
  return items;
}

/** A shopper with a token at one door. */
export class Shopper {
  constructor(
    private readonly door: string,
    private readonly token: string,
  ) {}

  place(key: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.post('/orders', body, { 'idempotency-key': key, ...headers });
  }

  /** Repeats the key while the shop is overrun or cannot say, as it asks to; at most 20 times. */
  async placePatiently(key: string, body: unknown): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.place(key, body);
      const isSettled = answer.status !== 429 && answer.status !== 503;
      if (isSettled || attempt === 20) return answer;
      await pause(1_000 * Number(answer.headers.get('retry-after') ?? 1));
    }
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.door}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.door}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
  }

  /** The order once `isDone` says so. */
  async awaitOrder(id: string, isDone: (order: OrderView) => boolean, timeoutMs = 20_000): Promise<OrderView> {
    return eventually(
      async () => {
        const order = (await (await this.get(`/orders/${id}`)).json()) as OrderView;
        if (!isDone(order)) throw new Error(`order ${id} is ${order.status}, its payment ${order.payment?.status}`);
        return order;
      },
      { timeoutMs, intervalMs: 50 },
    );
  }
}

/** Whether a process runs: one that ended and was not collected yet does not. */
export function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  try {
    return !readFileSync(path, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
