import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PostgresServer } from '../../apps/cli/src/lite/postgres-server.js';
import { processesIn } from '../../apps/cli/src/lite/process-table.js';
import { freePort } from './free-port.js';
import { copyAsStandby } from './standby-copy.js';

const HOST = '127.0.0.1';
const PARAMETERS = { max_connections: 60, fsync: 'off', wal_level: 'replica', hot_standby_feedback: 'on' };

/** A Postgres that one test file has to itself, to freeze, kill and promote. */
export class OwnPostgres implements AsyncDisposable {
  private constructor(
    private readonly folder: string,
    private readonly server: PostgresServer,
    readonly port: number,
    private readonly password: string,
  ) {}

  static async prepare(): Promise<OwnPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-own-'));
    chmodSync(folder, 0o755);
    const password = randomBytes(12).toString('hex');
    const port = await freePort();
    const server = await PostgresServer.prepare({
      folder: join(folder, 'postgres'),
      port,
      password,
      logFile: join(folder, 'postgres.log'),
      parameters: PARAMETERS,
    });
    return new OwnPostgres(folder, server, port, password);
  }

  /** A copy of a server that is stopped, which follows it once both run. */
  static async standbyOf(primary: OwnPostgres): Promise<OwnPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-own-'));
    chmodSync(folder, 0o755);
    const data = join(folder, 'postgres');
    const { password } = primary;
    copyAsStandby(primary.server.folder, data, { host: HOST, port: primary.port, user: 'postgres', password });
    const port = await freePort();
    const logFile = join(folder, 'postgres.log');
    const options = { folder: data, port, password, logFile, parameters: PARAMETERS };
    return new OwnPostgres(folder, await PostgresServer.prepare(options), port, password);
  }

  url(database = 'postgres'): string {
    return `postgres://postgres:${this.password}@${HOST}:${this.port}/${database}`;
  }

  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Runs SQL as the superuser on a connection of its own. */
  async query<R extends object>(sql: string, values?: unknown[]): Promise<R[]> {
    const client = new Client({ connectionString: this.url('twofold') });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops the postmaster and every back end, as a host does that is paused; disposing lets them go on. */
  freeze(): Disposable {
    const pids = processesIn(this.server.folder);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    return {
      [Symbol.dispose]: () => {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      },
    };
  }

  /** Kills the postmaster, which its back ends notice. */
  kill(): void {
    if (this.server.pid !== undefined) process.kill(this.server.pid, 'SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
