import type { LeaderWitness } from './leader-witness.js';

/** Between two questions to the witness. */
const ASK_EVERY_MS = 200;

/** Asks the leader witness while it matters: one question at a time, and remembers when it last could answer. */
export class WitnessDesk {
  private asking = false;
  private notBeforeMs = 0;
  private answeredMs = performance.now();

  constructor(
    private readonly witness: LeaderWitness | undefined,
    private readonly onNamed: (name: string, askedMs: number) => void,
  ) {}

  get exists(): boolean {
    return this.witness !== undefined;
  }

  /** Whether the witness has given no answer since `sinceMs`. */
  isSilentSince(sinceMs: number): boolean {
    return this.witness !== undefined && this.answeredMs < sinceMs;
  }

  ask(): void {
    const askedMs = performance.now();
    if (!this.witness || this.asking || askedMs < this.notBeforeMs) return;
    this.asking = true;
    this.notBeforeMs = askedMs + ASK_EVERY_MS;
    void this.question(this.witness, askedMs).finally(() => {
      this.asking = false;
    });
  }

  private async question(witness: LeaderWitness, askedMs: number): Promise<void> {
    try {
      const leader = await witness.leader();
      this.answeredMs = performance.now();
      if (leader) this.onNamed(leader.name, askedMs);
    } catch {
      // No majority: the desk stays silent, which isSilentSince tells.
    }
  }
}
