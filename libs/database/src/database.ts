import type { ProbeResult } from '#libs/health';
import type { EntitySource } from './entity-source.js';
import { Listener } from './listener.js';
import { PrimaryCalls } from './primary-calls.js';
import { ReadCalls } from './read-calls.js';
import type { Router } from './router.js';
import type { Login } from './session.js';
import { named, type Statement } from './statement.js';
import { runStatement, runTransaction } from './transaction.js';
import type { Tx } from './tx.js';

/** How a write behaves. */
export type WriteOptions = {
  /** How long to wait for a primary, and to go on after conflicts, in ms. @default DATABASE_PATIENCE_MS (8,000) */
  readonly patienceMs?: number;
  /** Aborted when nobody wants the answer any more: a write still waiting is then not started. */
  readonly signal?: AbortSignal;
  /**
   * The very same work may be done again when its outcome is unknown, because it finds its own earlier success by key.
   * Then it is repeated, one attempt at a time, on fresh connections, until the patience ends. @default false
   */
  readonly repeatable?: boolean;
};

/** How a single statement behaves. */
export type CallOptions = WriteOptions & {
  /** Without an answer for so long its socket is destroyed. @default DATABASE_ANSWER_TIMEOUT_MS (3,000) */
  readonly answerTimeoutMs?: number;
};

/** Where a read may go. */
export type ReadOptions = {
  /** `primary` is a wish: without a primary a replica answers. @default 'replica' */
  readonly from?: 'replica' | 'primary';
  /** Replicas further behind are passed over. @default DATABASE_MAX_REPLICA_LAG_MS (1,000) */
  readonly maxLagMs?: number;
};

const acknowledgement = named('acknowledge', `SELECT pg_logical_emit_message(true, 'ack', '')`);

/**
 * The service's schema on a cluster of Postgres nodes. What it answers after a write is true: committed means that the
 * server said so while it was, freshly proven, the primary; whatever cannot be known is said to be unknown (R8, R10).
 */
export class Database {
  private readonly primary: PrimaryCalls;
  private readonly reads: ReadCalls;
  private readonly listener: Listener;

  constructor(
    private readonly router: Router,
    private readonly source: EntitySource,
    login: Login,
    patienceMs: number,
  ) {
    this.primary = new PrimaryCalls(router, patienceMs);
    this.reads = new ReadCalls(router, source, patienceMs);
    this.listener = new Listener(router, login);
  }

  /**
   * Runs `work` in one transaction on the primary. It runs again after a serialization failure, a deadlock or a session
   * that broke before COMMIT, so it must do nothing outside the transaction.
   * @throws AppError `unavailable` when there was no primary in time: nothing happened
   * @throws AppError `outcome-unknown` when nobody knows whether it was committed: repeat it by key
   * @throws whatever `work` throws, after rolling back
   */
  write<T>(work: (tx: Tx) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    return this.primary.run('write', (session) => runTransaction(session, this.source, 'read-write', work), options);
  }

  /**
   * Runs one statement, which commits by itself, on the primary: one round trip. The same guarantees as {@link write}.
   * @throws AppError `unavailable`, `outcome-unknown`; Error of the driver with SQLSTATE otherwise
   */
  call<R>(statement: Statement, values: readonly unknown[] = [], options: CallOptions = {}): Promise<R[]> {
    const { answerTimeoutMs } = options;
    return this.primary.run('call', (session) => runStatement<R>(session, statement, values, answerTimeoutMs), options);
  }

  /**
   * Runs `work` in a read-only transaction: on replicas of the own site in turn, then of the other site, then on the primary.
   * It runs again elsewhere when its node fails or cancels it.
   * @throws AppError `unavailable` when no node can serve it
   */
  read<T>(work: (tx: Tx) => Promise<T>, options: ReadOptions = {}): Promise<T> {
    return this.reads.run(work, options);
  }

  /**
   * Makes this transaction's COMMIT wait for the standbys though it changes nothing: what it has read is then safe to
   * assert (R5). Costs one WAL record; makes no convoy, as touching a row would.
   */
  async acknowledge(tx: Tx): Promise<void> {
    await tx.run(acknowledgement);
  }

  /**
   * Reads on the primary and then proves by a durable write in the same transaction that it was one (R6): only then is
   * `undefined` a proof of absence.
   * @throws AppError `unavailable` without a primary: absence cannot be proven
   */
  proveAbsent<T>(read: (tx: Tx) => Promise<T | undefined>, options: WriteOptions = {}): Promise<T | undefined> {
    const work = async (tx: Tx): Promise<T | undefined> => {
      const found = await read(tx);
      await this.acknowledge(tx);
      return found;
    };
    return this.write(work, { repeatable: true, ...options });
  }

  /**
   * Calls `onNotify` for each NOTIFY on `channel` of the primary, and with an empty payload after each (re)connection, when
   * some may have been missed. A wake-up only: never rely on it alone.
   */
  listen(channel: string, onNotify: (payload: string) => void): Promise<AsyncDisposable> {
    return this.listener.listen(channel, onNotify);
  }

  /** What the router knows, for the health document. */
  health(): ProbeResult {
    return this.router.health();
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    await this.listener.close();
    await this.router.close();
  }
}
