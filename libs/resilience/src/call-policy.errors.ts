import { AppError } from '#libs/errors';

/** The target was not asked: its circuit is open or its bulkhead full. Nothing was sent. */
export class CallNotMade extends AppError {
  constructor(
    readonly target: string,
    readonly reason: 'circuit-open' | 'bulkhead-full',
    cause: unknown,
  ) {
    super({
      code: 'call-not-made',
      kind: 'unavailable',
      message: `${target} was not called: ${reason === 'circuit-open' ? 'its circuit is open' : 'too many calls are running'}. Try again later.`,
      cause,
    });
  }
}

/** The target did not answer within the time limit: what it did is unknown. */
export class CallTimedOut extends AppError {
  constructor(
    readonly target: string,
    readonly timeLimitMs: number,
    cause: unknown,
  ) {
    super({
      code: 'call-timed-out',
      kind: 'unknown-outcome',
      message: `${target} did not answer within ${timeLimitMs} ms. Ask again with the same key.`,
      cause,
    });
  }
}
