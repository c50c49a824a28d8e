import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#libs/errors';
import { logger } from '#libs/telemetry';
import { type CallKind, countOutcome } from './database.metrics.js';
import { isConflict } from './failure.js';
import { noPrimary, type RoutedNode, type Router } from './router.js';
import type { Session } from './session.js';
import type { Outcome } from './transaction.js';

/** Most runs of one write, whatever its patience. */
const MAX_ATTEMPTS = 50;
/** Between two attempts: at least so long, plus up to as much at random, growing with each. */
const PAUSE_MS = 10;
const MAX_PAUSE_MS = 200;

export type Patience = {
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  readonly repeatable?: boolean;
};

type Attempt<T> = (session: Session) => Promise<Outcome<T>>;
type Ended<T> = Outcome<T> & { readonly again: boolean };

const log = logger('database');

/** Brings attempts to the primary, and decides after each whether it counts, runs again, or is over. */
export class PrimaryCalls {
  constructor(
    private readonly router: Router,
    private readonly patienceMs: number,
  ) {}

  async run<T>(kind: CallKind, attempt: Attempt<T>, options: Patience): Promise<T> {
    const deadlineMs = performance.now() + (options.patienceMs ?? this.patienceMs);
    for (let n = 1; ; n++) {
      const session = await this.session(kind, deadlineMs, options.signal);
      const ended = await this.once(session, attempt, options.repeatable ?? false);
      countOutcome(kind, ended.kind);
      if (ended.kind === 'committed') return ended.value;
      if (!ended.again || n >= MAX_ATTEMPTS || performance.now() >= deadlineMs) throw verdict(ended);
      log.debug({ kind, outcome: ended.kind, attempt: n }, 'trying again');
      await pause(n);
    }
  }

  private async once<T>({ node, session }: Lent, attempt: Attempt<T>, repeatable: boolean): Promise<Ended<T>> {
    const outcome = await attempt(session);
    const wasLost = session.isLost;
    node.pool.release(session);
    if (outcome.kind === 'committed') {
      // R10: the answer counts only if the node is, freshly proven, still the primary after COMMIT.
      if (this.router.isPrimary(node)) return { ...outcome, again: false };
      return {
        kind: 'unknown',
        error: new Error(`${node.address.name} is not proven primary any more`),
        again: repeatable,
      };
    }
    if (outcome.kind === 'unknown') return { ...outcome, again: repeatable };
    return { ...outcome, again: wasLost || isConflict(outcome.error) };
  }

  /** A session of the primary; waits for one, bounded (R11). */
  private async session(kind: CallKind, deadlineMs: number, signal?: AbortSignal): Promise<Lent> {
    for (let n = 1; ; n++) {
      const remainingMs = deadlineMs - performance.now();
      const node = this.router.primary();
      try {
        if (signal?.aborted) throw abandoned();
        if (!node) throw noPrimary();
        return { node, session: await node.pool.acquire(Math.max(1, remainingMs)) };
      } catch (error) {
        if (performance.now() >= deadlineMs || !mayWait(error) || this.router.isCutOff()) {
          countOutcome(kind, 'unavailable');
          throw error;
        }
      }
      await pause(n, signal);
    }
  }
}

type Lent = { readonly node: RoutedNode; readonly session: Session };

const mayWait = (error: unknown): boolean =>
  error instanceof AppError && error.kind === 'unavailable' && !error.details;

function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  const ms = Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
  return sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}

/** What a caller is told who cannot be helped. */
function verdict(ended: Exclude<Outcome<unknown>, { kind: 'committed' }>): unknown {
  if (ended.kind === 'rolled-back')
    return ended.error instanceof Error && ended.error.name === 'SessionLostError' ? lost(ended.error) : ended.error;
  return new AppError({
    code: 'outcome-unknown',
    kind: 'unknown-outcome',
    message:
      'The connection broke while the change was being committed. Repeat it with the same key to learn what happened.',
    retryAfterMs: 1_000,
    cause: ended.error,
  });
}

const lost = (cause: Error): AppError =>
  new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message:
      'The database session broke before the change was committed. Nothing was done; send the same request again.',
    retryAfterMs: 1_000,
    cause,
  });

const abandoned = (): AppError =>
  new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message: 'The caller went away before the database was reached. Nothing was done.',
    details: { abandoned: true },
  });
