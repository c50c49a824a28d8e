import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Account,
  isReachable,
  makeTwin,
  postgresAccount,
  postgresPrograms,
  reachableTwin,
} from './postgres-binaries.js';
import { commandOf, isAlive, processesIn, signal } from './process-table.js';

/** What a server needs to know. */
export type PostgresOptions = {
  /** Data folder; created when missing. A twin under the temporary directory is used when Postgres' account cannot enter it. */
  folder: string;
  port: number;
  /** Password of the superuser `postgres`, set when the data folder is created. */
  password: string;
  logFile: string;
  /** Server parameters, as in postgresql.conf. */
  parameters?: Readonly<Record<string, string | number>>;
};

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 20_000;
const POLL_MS = 20;
/** A back end that outlives its postmaster for longer is ended: the data folder cannot be opened before it is gone. */
const ORPHAN_PATIENCE_MS = 1_000;

const DEFAULTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  wal_level: 'replica',
  max_wal_size: '512MB',
  lc_messages: 'C',
  log_checkpoints: 'off',
};

/** One Postgres 17 of our own, from the npm package, as a child process. */
export class PostgresServer {
  readonly folder: string;
  private child?: ChildProcess;

  private constructor(
    private readonly options: PostgresOptions,
    private readonly programs: string,
    private readonly account: Account | undefined,
    folder: string,
  ) {
    this.folder = folder;
  }

  static async prepare(options: PostgresOptions): Promise<PostgresServer> {
    const account = postgresAccount();
    mkdirSync(dirname(options.folder), { recursive: true });
    const folder = placeOf(options.folder, account);
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
    return new PostgresServer(options, await postgresPrograms(account), account, realpathSync(folder));
  }

  /** The postmaster: its death is the server's. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get isNew(): boolean {
    return !existsSync(join(this.folder, 'PG_VERSION'));
  }

  /** Creates the cluster when there is none; resolves when the server accepts connections. */
  async start(report: (postmaster: ChildProcess) => void = () => undefined): Promise<void> {
    if (this.isNew) this.createCluster();
    await this.endRemains();
    const child = this.spawnPostmaster();
    this.child = child;
    report(child);
    await this.whenReady(child);
  }

  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  async stop(patienceMs = STOP_PATIENCE_MS): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGINT');
    const impatience = setTimeout(() => child.kill('SIGQUIT'), patienceMs);
    await gone;
    clearTimeout(impatience);
  }

  private createCluster(): void {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { mode: 0o700 });
    const passwordFile = `${this.folder}.password`;
    writeFileSync(passwordFile, this.options.password, { mode: 0o600 });
    if (this.account !== undefined) {
      chownSync(this.folder, this.account.uid, this.account.gid);
      chownSync(passwordFile, this.account.uid, this.account.gid);
    }
    const flags = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'];
    const { status, stderr, error } = spawnSync(
      join(this.programs, 'bin/initdb'),
      [`--pgdata=${this.folder}`, `--pwfile=${passwordFile}`, ...flags],
      { ...this.identity(), encoding: 'utf8', cwd: '/' },
    );
    rmSync(passwordFile);
    if (status === 0) return;
    rmSync(this.folder, { recursive: true, force: true });
    throw new Error(`initdb failed: ${error?.message ?? ''}${stderr ?? ''} (exit status ${status})`, { cause: error });
  }

  private spawnPostmaster(): ChildProcess {
    const parameters = { ...DEFAULTS, port: this.options.port, ...this.options.parameters };
    const flags = Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = openSync(this.options.logFile, 'a');
    // A process group of its own: a Ctrl-C in the terminal is for the launcher, which stops Postgres last.
    const child = spawn(join(this.programs, 'bin/postgres'), ['-D', this.folder, ...flags], {
      ...this.identity(),
      stdio: ['ignore', log, log],
      detached: true,
      cwd: this.folder,
    });
    closeSync(log);
    return child;
  }

  private identity(): { uid?: number; gid?: number } {
    return this.account === undefined ? {} : { uid: this.account.uid, gid: this.account.gid };
  }

  /** The postmaster writes its state (`ready`, or `standby`) into line 8 of its pid file; pg_ctl waits in the same way. */
  private async whenReady(child: ChildProcess): Promise<void> {
    const failure = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`Postgres did not start: ${this.lastWords()}`)));
    });
    failure.catch(() => undefined);
    const deadline = Date.now() + START_PATIENCE_MS;
    while (!this.isReady(child.pid)) {
      if (Date.now() > deadline)
        throw new Error(`Postgres was not ready after ${START_PATIENCE_MS} ms: ${this.lastWords()}`);
      await Promise.race([pause(POLL_MS), failure]);
    }
  }

  private isReady(pid: number | undefined): boolean {
    const lines = this.pidFile();
    return lines[0] === String(pid) && /^(ready|standby)\s*$/.test(lines[7] ?? '');
  }

  private pidFile(): string[] {
    try {
      return readFileSync(join(this.folder, 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return [];
    }
  }

  private lastWords(): string {
    const lines = readFileSync(this.options.logFile, 'utf8').trim().split('\n');
    return `${lines.slice(-3).join(' | ')} (see ${this.options.logFile})`;
  }

  /** Ends what a crashed launcher or a killed postmaster left: a live server, orphaned back ends, a stale pid file. */
  async endRemains(): Promise<void> {
    const former = Number(this.pidFile()[0]);
    const isServer = former > 0 && isAlive(former) && commandOf(former)?.includes(this.folder);
    if (isServer) signal(former, 'SIGINT');
    const deadline = Date.now() + (isServer ? STOP_PATIENCE_MS : ORPHAN_PATIENCE_MS);
    while (this.remains(former, isServer === true).length > 0) {
      if (Date.now() > deadline) for (const pid of this.remains(former, isServer === true)) signal(pid, 'SIGKILL');
      await pause(POLL_MS);
    }
    rmSync(join(this.folder, 'postmaster.pid'), { force: true });
  }

  private remains(former: number, isServer: boolean): number[] {
    const orphans = processesIn(this.folder).filter((pid) => pid !== process.pid && isAlive(pid));
    return isServer && isAlive(former) && !orphans.includes(former) ? [former, ...orphans] : orphans;
  }
}

/** The folder itself, or its twin where the account cannot enter; data that lies in one of them decides. */
function placeOf(folder: string, account: Account | undefined): string {
  const hasData = (path: string) => existsSync(join(path, 'PG_VERSION'));
  const isTwin = !isReachable(dirname(folder), account) || (!hasData(folder) && hasData(reachableTwin(folder)));
  return isTwin ? knownTwin(folder) : folder;
}

/**
 * The twin, with a note beside where people look for the data. Without the note the data folder, its passwords included, was
 * deleted by hand since: what lies in the twin belongs to nobody any more.
 */
function knownTwin(folder: string): string {
  const twin = makeTwin(folder);
  const note = `${folder}.is-elsewhere`;
  if (!existsSync(note)) rmSync(twin, { recursive: true, force: true });
  writeFileSync(note, `${twin}\n`);
  return twin;
}
