import pg from 'pg';
import { isDoubtfulNotice, type LossReason, SessionLostError } from './failure.js';
import type { NodeAddress } from './node-list.js';
import type { Statement } from './statement.js';

/** Who connects, and to what. */
export type Login = {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** `search_path` of the session. */
  readonly searchPath: readonly string[];
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
};

/** What a statement answered. */
export type Answer<R> = { readonly rows: R[]; readonly rowCount: number | null; readonly command: string };

const INT8 = 20;
/** Amounts and sequence numbers stay under 2^53; a string would be compared and added wrongly. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((text: string) => unknown) =>
    oid === INT8 && format !== 'binary' ? Number : (pg.types.getTypeParser as AnyParser)(oid, format),
};
type AnyParser = (oid: number, format?: 'text' | 'binary') => (text: string) => unknown;

/** A frozen client must not hold locks (R9). */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 1_000;

/**
 * Everything we ask is found by a key. Without statistics, as on the first day and in each new day's partition, Postgres
 * takes a table for tiny, chooses to read it whole, and keeps that plan for a named statement while the table grows. And the
 * price it then puts on what has no index would have it compile machine code for each call.
 * @see https://www.postgresql.org/docs/17/runtime-config-query.html
 */
const PLANNER = { enable_seqscan: 'off', jit: 'off' } as const;

/** One connection to one node, on which nothing waits longer than the answer limit. */
export class Session {
  /** Set by a notice of class 01 since {@link trustAgain}: a commit then proves nothing (R8). */
  doubtful = false;
  /** Called once, when the session is gone for whatever reason. */
  onLost: () => void = () => {};
  private lost: SessionLostError | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private busy = 0;

  private constructor(
    readonly node: NodeAddress,
    private readonly client: pg.Client,
    private readonly answerTimeoutMs: number,
  ) {
    client.on('error', (error) => this.lose('connection-lost', error));
    client.on('end', () => this.lose('connection-lost'));
    client.on('notice', (notice) => {
      this.doubtful ||= isDoubtfulNotice(notice.code);
    });
  }

  /** @throws Error of the driver when the node refuses, or does not answer within the connect limit */
  static async open(node: NodeAddress, login: Login): Promise<Session> {
    const options = [
      ['timezone', 'UTC'],
      ['idle_in_transaction_session_timeout', String(IDLE_IN_TRANSACTION_TIMEOUT_MS)],
      ['search_path', login.searchPath.join(',')],
      ...Object.entries(PLANNER),
    ];
    const client = new pg.Client({
      host: node.host,
      port: node.port,
      database: login.database,
      user: login.user,
      password: login.password,
      application_name: login.applicationName,
      connectionTimeoutMillis: login.connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 1_000,
      options: options.map(([name, value]) => `-c ${name}=${value}`).join(' '),
      types,
    });
    const session = new Session(node, client, login.answerTimeoutMs);
    await client.connect();
    return session;
  }

  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /** Id of the back end: what runs on the server even after the socket is gone. */
  get backendPid(): number {
    return (this.client as unknown as { processID: number }).processID;
  }

  /** Whether a statement is under way. */
  get isBusy(): boolean {
    return this.busy > 0;
  }

  /** Whether we left while the back end may go on running: the other side did not close the connection. */
  get isAbandoned(): boolean {
    return this.lost !== undefined && this.lost.reason !== 'connection-lost' && this.isBusy;
  }

  trustAgain(): void {
    this.doubtful = false;
  }

  /**
   * Runs a statement; concurrent calls queue up. Resolves after the server is ready again, so an autocommit statement has
   * committed.
   * @throws SessionLostError when the answer did not come within the limit (the socket is destroyed, nothing is cancelled)
   */
  query<R>(
    statement: Statement,
    values: readonly unknown[] = [],
    timeoutMs = this.answerTimeoutMs,
  ): Promise<Answer<R>> {
    const turn =
      this.busy++ === 0 ? this.send<R>(statement, values, timeoutMs) : this.after<R>(statement, values, timeoutMs);
    this.last = turn.then(ignore, ignore);
    return turn;
  }

  private after<R>(statement: Statement, values: readonly unknown[], timeoutMs: number): Promise<Answer<R>> {
    return this.last.then(() => this.send<R>(statement, values, timeoutMs));
  }

  private async send<R>(statement: Statement, values: readonly unknown[], timeoutMs: number): Promise<Answer<R>> {
    if (this.lost) {
      this.busy--;
      throw this.lost;
    }
    const timer = setTimeout(() => this.lose('no-answer'), timeoutMs);
    try {
      return await this.client.query<R & pg.QueryResultRow>({ ...statement, values: values as unknown[] });
    } catch (error) {
      throw this.lost ?? error;
    } finally {
      clearTimeout(timer);
      this.busy--;
    }
  }

  /** Listens to NOTIFY. */
  onNotification(listener: (channel: string, payload: string) => void): void {
    this.client.on('notification', (message) => listener(message.channel, message.payload ?? ''));
  }

  /** Ends the session politely; a statement under way is cut off. */
  async close(): Promise<void> {
    this.lost ??= new SessionLostError('closing', this.node.name);
    this.onLost();
    await this.client.end().catch(ignore);
  }

  /** Destroys the socket at once. The back end finds out when it next writes. */
  lose(reason: LossReason, cause?: unknown): void {
    if (this.lost) return;
    this.lost = new SessionLostError(reason, this.node.name, cause);
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    this.onLost();
  }
}

function ignore(): void {}
