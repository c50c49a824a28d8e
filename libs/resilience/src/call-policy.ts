import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  DelegateBackoff,
  handleAll,
  handleWhen,
  type IBackoff,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import { logger } from '#libs/telemetry';
import type { CallPolicySettings } from './call-policy.config.js';
import { CallNotMade, CallTimedOut } from './call-policy.errors.js';
import { callDuration, callRetries, callsNotMade, callsRunning, circuitState } from './call-policy.metrics.js';
import { FailureRatioBreaker } from './failure-ratio-breaker.js';
import { RetryBudget } from './retry-budget.js';

const log = logger('resilience');

/** State of a circuit breaker. */
export type Circuit = 'closed' | 'half-open' | 'open';

/** What a call is told about its attempt. */
export type Attempt = {
  /** Aborted when the time limit has passed: stop waiting then. */
  readonly signal: AbortSignal;
  /** 1, 2, 3 … */
  readonly attempt: number;
};

const MILLISECONDS_PER_SECOND = 1000;
const STATE_NUMBER = { closed: 0, 'half-open': 1, open: 2 } as const satisfies Record<Circuit, number>;

/**
 * How one target is called: bulkhead around attempts around circuit breaker around time limit. Make one per target and
 * keep it: breaker, budget and bulkhead remember. A call fails by throwing; a refusal that is an answer is returned.
 *
 * - The breaker counts attempts, and opens on a share of failures in a window, never on a run of them. Half open it lets one
 *   attempt through; that one decides.
 * - Retries stop when the budget is spent or the circuit open.
 * - Times are measured on the monotonic clock.
 * @see https://github.com/connor4312/cockatiel
 * @see https://learn.microsoft.com/azure/architecture/patterns/circuit-breaker
 */
export class CallPolicy {
  private readonly budget: RetryBudget;
  private readonly limit;
  private readonly room;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly pause: DelegateBackoff<unknown>;
  private openedAtMs = 0;

  /** @param circuit name of the policy in metrics and logs @param target who is called */
  constructor(
    readonly circuit: string,
    readonly target: string,
    private readonly settings: CallPolicySettings,
  ) {
    this.budget = new RetryBudget(settings.retryBudgetRatio);
    this.limit = timeout(settings.timeLimitMs, TimeoutStrategy.Aggressive);
    this.room = bulkhead(settings.bulkheadSize, 0);
    this.breaker = this.makeBreaker();
    this.pause = new DelegateBackoff(() => settings.retryDelayMs * (0.5 + Math.random()));
    circuitState.set(this.labels, STATE_NUMBER.closed);
  }

  /** Where the breaker stands. */
  get state(): Circuit {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** Calls that {@link execute} would start now: 0 while the circuit is open, 1 when it is time to try whether it may close. */
  get capacity(): number {
    if (this.state === 'closed') return this.room.executionSlots;
    return this.state === 'open' && this.mayHalfOpen ? Math.min(1, this.room.executionSlots) : 0;
  }

  /**
   * Runs `call` up to `maxAttempts` times until it does not throw.
   * @throws CallNotMade `call-not-made` when circuit or bulkhead refused the first attempt, or the circuit opened between attempts
   * @throws CallTimedOut `call-timed-out` when the last attempt took too long
   * @throws whatever the last attempt threw
   */
  async execute<T>(call: (attempt: Attempt) => Promise<T>): Promise<T> {
    this.budget.earn();
    try {
      return await this.room.execute(() => this.running(() => this.attempts(call)));
    } catch (error) {
      throw this.explain(error);
    }
  }

  private attempts<T>(call: (attempt: Attempt) => Promise<T>): Promise<T> {
    let made = 0;
    const worthwhile = (error: unknown): boolean =>
      !(error instanceof BrokenCircuitError) && made < this.settings.maxAttempts && this.budget.spend();
    const retries = retry(handleWhen(worthwhile), { maxAttempts: this.settings.maxAttempts, backoff: this.pause });
    retries.onRetry(() => callRetries.inc(this.labels));
    return retries.execute(() =>
      this.breaker.execute(() => {
        made++;
        return this.measured(() => this.limit.execute(({ signal }) => call({ signal, attempt: made })));
      }),
    );
  }

  private async running<T>(work: () => Promise<T>): Promise<T> {
    callsRunning.inc(this.labels);
    try {
      return await work();
    } finally {
      callsRunning.dec(this.labels);
    }
  }

  private async measured<T>(attempt: () => Promise<T>): Promise<T> {
    const startedAtMs = performance.now();
    let outcome = 'failed';
    try {
      const answer = await attempt();
      outcome = 'answered';
      return answer;
    } catch (error) {
      if (error instanceof TaskCancelledError) outcome = 'timed-out';
      throw error;
    } finally {
      callDuration.observe({ ...this.labels, outcome }, (performance.now() - startedAtMs) / MILLISECONDS_PER_SECOND);
    }
  }

  private explain(error: unknown): unknown {
    if (error instanceof TaskCancelledError) return new CallTimedOut(this.target, this.settings.timeLimitMs, error);
    const reason = error instanceof BrokenCircuitError ? 'circuit-open' : 'bulkhead-full';
    if (reason === 'bulkhead-full' && !(error instanceof BulkheadRejectedError)) return error;
    callsNotMade.inc({ ...this.labels, reason });
    return new CallNotMade(this.target, reason, error);
  }

  private get mayHalfOpen(): boolean {
    return performance.now() - this.openedAtMs >= this.settings.halfOpenAfterMs;
  }

  private makeBreaker(): CircuitBreakerPolicy {
    const { failureRatio, minimumCalls, windowMs } = this.settings;
    const breaker = circuitBreaker(handleAll, {
      halfOpenAfter: { next: () => this.openFor() },
      breaker: new FailureRatioBreaker(failureRatio, minimumCalls, windowMs),
    });
    breaker.onStateChange(() => {
      if (this.state === 'open') this.openedAtMs = performance.now();
      circuitState.set(this.labels, STATE_NUMBER[this.state]);
      log.warn({ ...this.labels, state: this.state }, 'circuit changed');
    });
    return breaker;
  }

  /** Cockatiel compares this with the wall clock, which may jump; so it is never or at once, by the monotonic clock. */
  private openFor(): IBackoff<unknown> {
    const isOver = (): boolean => this.mayHalfOpen;
    const backoff = {
      get duration() {
        return isOver() ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      },
      next: () => backoff,
    };
    return backoff;
  }

  private get labels() {
    return { circuit: this.circuit, target: this.target };
  }
}
