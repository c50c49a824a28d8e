import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { bootstrapDatabase } from '#libs/database';
import { PostgresServer } from '../../../apps/cli/src/lite/postgres-server.js';
import { Watchdog } from '../../../apps/cli/src/lite/watchdog.js';
import { freePort } from '../../support/free-port.js';
import { copyAsStandby } from '../../support/standby-copy.js';

/** Password of every role: the server listens on the loopback only and lives as long as the bench. */
export const ROLE_PASSWORD = 'bench';

const HOST = '127.0.0.1';
const STANDBY_PATIENCE_MS = 30_000;

/** Durable as in production: every commit is on disk before it is answered. */
export const PARAMETERS: Readonly<Record<string, string | number>> = {
  max_connections: 200,
  shared_buffers: '1GB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
};

/** A server that one bench has to itself. */
export class BenchPostgres implements AsyncDisposable {
  private standby: PostgresServer | undefined;
  /** A bench that is killed leaves no server behind. */
  private readonly watchdog = new Watchdog();

  private constructor(
    private readonly folder: string,
    private readonly server: PostgresServer,
    readonly port: number,
    private readonly password: string,
  ) {}

  static async start(parameters: Readonly<Record<string, string | number>> = {}): Promise<BenchPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-bench-'));
    chmodSync(folder, 0o755);
    const password = randomBytes(12).toString('hex');
    const port = await freePort();
    const server = await PostgresServer.prepare({
      folder: join(folder, 'primary'),
      port,
      password,
      logFile: join(folder, 'primary.log'),
      parameters: { ...PARAMETERS, ...parameters },
    });
    await server.start();
    const postgres = new BenchPostgres(folder, server, port, password);
    postgres.watch();
    const roles = ['owner', 'orders', 'payments', 'monitor', 'checker'] as const;
    await bootstrapDatabase(
      postgres.url('postgres', 'postgres'),
      Object.fromEntries(roles.map((role) => [`twofold_${role}`, ROLE_PASSWORD])) as never,
    );
    return postgres;
  }

  /** The postmaster of the primary. */
  get pid(): number {
    return this.server.pid as number;
  }

  /** The postmaster of the standby, once there is one. */
  get standbyPid(): number | undefined {
    return this.standby?.pid;
  }

  url(role = 'postgres', database = 'twofold'): string {
    const password = role === 'postgres' ? this.password : ROLE_PASSWORD;
    return `postgres://${role}:${password}@${HOST}:${this.port}/${database}`;
  }

  /** `DATABASE_…` of a process of ours. */
  environment(role: 'orders' | 'payments'): Record<string, string> {
    return {
      DATABASE_NODES: `pg-1@seoul=${HOST}:${this.port}`,
      DATABASE_NAME: 'twofold',
      DATABASE_USER: `twofold_${role}`,
      DATABASE_PASSWORD: ROLE_PASSWORD,
      DATABASE_OWNER_USER: 'twofold_owner',
      DATABASE_OWNER_PASSWORD: ROLE_PASSWORD,
      DATABASE_MAX_CONNECTIONS: '16',
    };
  }

  /** Runs SQL as the superuser on a connection of its own. */
  async query<R extends object>(sql: string, values?: unknown[]): Promise<R[]> {
    const client = new Client({ connectionString: this.url() });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Gives the primary a copy that follows it. Restarts the primary. */
  async addStandby(): Promise<void> {
    await this.server.stop();
    const data = join(this.folder, 'standby');
    const { port, password } = this;
    const conninfo = { host: HOST, port, user: 'postgres', password, application_name: 'standby' };
    copyAsStandby(this.server.folder, data, conninfo);
    await this.server.start();
    this.standby = await PostgresServer.prepare({
      folder: data,
      port: await freePort(),
      password,
      logFile: join(this.folder, 'standby.log'),
      parameters: PARAMETERS,
    });
    await this.standby.start();
    this.watch();
  }

  private watch(): void {
    this.watchdog.watch(this.server.pid, this.standby?.pid === undefined ? [] : [this.standby.pid]);
  }

  /** Whether commits wait for the standby from now on. */
  async setSynchronous(isOn: boolean): Promise<void> {
    await this.query(`ALTER SYSTEM SET synchronous_standby_names = '${isOn ? 'ANY 1 (standby)' : ''}'`);
    await this.query('SELECT pg_reload_conf()');
    const wanted = isOn ? 'quorum' : 'async';
    const deadline = Date.now() + STANDBY_PATIENCE_MS;
    for (;;) {
      const [row] = await this.query<{ sync_state: string }>('SELECT sync_state FROM pg_stat_replication');
      if (row?.sync_state === wanted) return;
      if (Date.now() > deadline) throw new Error(`The standby is ${row?.sync_state ?? 'away'}, not ${wanted}.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.standby?.stop();
    await this.server.stop();
    this.watchdog.stop();
    rmSync(this.server.folder, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
