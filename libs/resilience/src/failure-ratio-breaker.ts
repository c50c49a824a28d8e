import { CircuitState, type IBreaker } from 'cockatiel';

/** The window is counted in this many slices; a slice leaves the window as a whole. */
const SLICES = 10;

type Slice = { startedAtMs: number; failures: number; calls: number };

/**
 * Opens when at least `failureRatio` of at least `minimumCalls` calls failed within the last `windowMs`. A run of failures
 * alone never opens it. Cockatiel's `SamplingBreaker` forgets a slice only when a later call comes, so that after a quiet
 * minute it still counts the failures of before; and it reads the wall clock, which jumps.
 */
export class FailureRatioBreaker implements IBreaker {
  private slices: Slice[] = [];
  private readonly sliceMs: number;

  constructor(
    private readonly failureRatio: number,
    private readonly minimumCalls: number,
    private readonly windowMs: number,
  ) {
    this.sliceMs = windowMs / SLICES;
  }

  get state(): unknown {
    return this.slices.map((slice) => ({ ...slice }));
  }

  set state(value: unknown) {
    this.slices = structuredClone(value) as Slice[];
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.slices = [];
    this.count(0);
  }

  failure(state: CircuitState): boolean {
    this.count(1);
    if (state !== CircuitState.Closed) return true;
    const calls = this.slices.reduce((sum, slice) => sum + slice.calls, 0);
    const failures = this.slices.reduce((sum, slice) => sum + slice.failures, 0);
    return calls >= this.minimumCalls && failures >= this.failureRatio * calls;
  }

  private count(failures: 0 | 1): void {
    const nowMs = performance.now();
    this.slices = this.slices.filter((slice) => nowMs - slice.startedAtMs < this.windowMs);
    let current = this.slices.at(-1);
    if (!current || nowMs - current.startedAtMs >= this.sliceMs) {
      current = { startedAtMs: nowMs, failures: 0, calls: 0 };
      this.slices.push(current);
    }
    current.calls++;
    current.failures += failures;
  }
}
