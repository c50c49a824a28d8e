import type { EntitySource } from './entity-source.js';
import { provesRollback } from './failure.js';
import type { Answer, Session } from './session.js';
import { type Statement, unnamed } from './statement.js';
import { SessionTx, type Tx } from './tx.js';

/**
 * How a transaction ended. `rolled-back`: nothing of it remains, for certain. `unknown`: nobody knows, and only repeating
 * it by key will tell (R8).
 */
export type Outcome<T> =
  | { readonly kind: 'committed'; readonly value: T }
  | { readonly kind: 'rolled-back'; readonly error: unknown }
  | { readonly kind: 'unknown'; readonly error: unknown };

const begin = unnamed('BEGIN');
const beginReadOnly = unnamed('BEGIN READ ONLY');
const commit = unnamed('COMMIT');
const rollback = unnamed('ROLLBACK');

export type TransactionMode = 'read-write' | 'read-only';

/** Runs `work` in one transaction of `session`, which is fit for the next one afterwards or lost. Never throws. */
export async function runTransaction<T>(
  session: Session,
  source: EntitySource,
  mode: TransactionMode,
  work: (tx: Tx) => Promise<T>,
): Promise<Outcome<T>> {
  let value: T;
  try {
    await session.query(mode === 'read-only' ? beginReadOnly : begin);
    value = await work(new SessionTx(session, source));
  } catch (error) {
    // COMMIT was never sent: whatever became of the session, nothing can have been committed.
    await undo(session);
    return { kind: 'rolled-back', error };
  }
  return await finish(session, value);
}

async function finish<T>(session: Session, value: T): Promise<Outcome<T>> {
  session.trustAgain();
  let answer: Answer<unknown>;
  try {
    answer = await session.query(commit);
  } catch (error) {
    if (provesRollback(error)) return { kind: 'rolled-back', error };
    session.lose('connection-lost', error);
    return { kind: 'unknown', error };
  }
  if (session.doubtful) return doubtful(session);
  if (answer.command === 'COMMIT') return { kind: 'committed', value };
  const error = new Error('The work swallowed an error of its transaction, so COMMIT rolled back. Let it throw.');
  return { kind: 'rolled-back', error };
}

/** Runs one statement that commits by itself. Never throws. */
export async function runStatement<R>(
  session: Session,
  statement: Statement,
  values: readonly unknown[],
  timeoutMs?: number,
): Promise<Outcome<R[]>> {
  session.trustAgain();
  try {
    const { rows } = await session.query<R>(statement, values, timeoutMs);
    return session.doubtful ? doubtful(session) : { kind: 'committed', value: rows };
  } catch (error) {
    if (provesRollback(error)) return { kind: 'rolled-back', error };
    session.lose('connection-lost', error);
    return { kind: 'unknown', error };
  }
}

function doubtful(session: Session): { kind: 'unknown'; error: Error } {
  const error = new Error('The server warned during COMMIT: the change may not have reached the standbys.');
  session.lose('connection-lost', error);
  return { kind: 'unknown', error };
}

async function undo(session: Session): Promise<void> {
  if (session.isLost) return;
  try {
    await session.query(rollback);
  } catch (error) {
    session.lose('connection-lost', error);
  }
}
