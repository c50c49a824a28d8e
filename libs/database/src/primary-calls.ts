import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#libs/errors';
import { logger } from '#libs/telemetry';
import { type CallKind, countOutcome } from './database.metrics.js';
import { isConflict, SessionLostError } from './failure.js';
import type { RoutedNode } from './routed-node.js';
import type { Router } from './router.js';
import type { Session } from './session.js';
import type { Outcome } from './transaction.js';
import { brokenBeforeCommit, callerGone, noPrimary, outcomeUnknown } from './unavailable.js';

/** Most runs of one write, whatever its patience. */
const MAX_ATTEMPTS = 50;
/** The pause between two attempts doubles from this up to the limit, shortened at random by up to half. */
const PAUSE_MS = 10;
const MAX_PAUSE_MS = 200;

export type Patience = {
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  readonly repeatable?: boolean;
};

type Attempt<T> = (session: Session) => Promise<Outcome<T>>;
type Ended<T> = Outcome<T> & { readonly again: boolean };
type Lent = { readonly node: RoutedNode; readonly session: Session };
type Wait = { readonly kind: CallKind; readonly deadlineMs: number; readonly signal: AbortSignal | undefined };

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
      const lent = await this.lend({ kind, deadlineMs, signal: options.signal });
      const ended = await this.once(lent, attempt, options.repeatable ?? false);
      countOutcome(kind, ended.kind);
      if (ended.kind === 'committed') return ended.value;
      if (!ended.again || n >= MAX_ATTEMPTS || performance.now() >= deadlineMs) throw verdict(ended);
      log.debug({ kind, outcome: ended.kind, attempt: n, err: ended.error }, 'trying again');
      await pause(n, options.signal);
    }
  }

  private async once<T>({ node, session }: Lent, attempt: Attempt<T>, repeatable: boolean): Promise<Ended<T>> {
    const outcome = await attempt(session);
    const wasLost = session.isLost;
    node.pool.release(session);
    if (outcome.kind === 'rolled-back') return { ...outcome, again: wasLost || isConflict(outcome.error) };
    if (outcome.kind === 'unknown') return { ...outcome, again: repeatable };
    // R10: the answer counts only if the node is still, freshly proven, the primary after COMMIT.
    if (this.router.isPrimary(node)) return { ...outcome, again: false };
    return { kind: 'unknown', error: new Error(`${node.name} is not proven primary any more.`), again: repeatable };
  }

  /** A session of the primary; waits for one, bounded (R11). */
  private async lend(wait: Wait): Promise<Lent> {
    for (let n = 1; ; n++) {
      if (wait.signal?.aborted) throw this.refuse(wait, callerGone());
      const node = this.router.primary();
      const failure = node ? await this.acquire(node, wait) : noPrimary();
      if ('session' in failure) return failure;
      if (performance.now() >= wait.deadlineMs || failure.kind !== 'unavailable' || this.router.isCutOff())
        throw this.refuse(wait, failure);
      await pause(n, wait.signal);
    }
  }

  private async acquire(node: RoutedNode, { deadlineMs }: Wait): Promise<Lent | AppError> {
    try {
      return { node, session: await node.pool.acquire(Math.max(1, deadlineMs - performance.now())) };
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }

  private refuse({ kind }: Wait, error: AppError): AppError {
    countOutcome(kind, 'unavailable');
    return error;
  }
}

function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  const ms = Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
  return sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}

/** What a caller is told who cannot be helped. */
function verdict(ended: Exclude<Outcome<unknown>, { kind: 'committed' }>): unknown {
  if (ended.kind === 'unknown') return outcomeUnknown(ended.error);
  return ended.error instanceof SessionLostError ? brokenBeforeCommit(ended.error) : ended.error;
}
