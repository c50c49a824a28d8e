/** What one caller has counted of one server since the caller started. */
export type Tally = {
  readonly caller: string;
  readonly about: string;
  /** Requests that ended, well or not. */
  readonly ended: number;
  /** Of those: answers of 500 and above, broken connections, repetitions on the twin, callers who gave up waiting. */
  readonly failed: number;
};

type Note = Tally & { readonly atMs: number };

/** Callers' counts are compared over so long. */
export const WINDOW_MS = 5_000;
/** Counts older than this say nothing of now: they are taken each second. */
const FRESH_MS = 1_500;
/** Fewer failures prove nothing. */
export const MIN_FAILURES = 5;
/** A server fails when so large a share of its requests does … */
export const ACCUSED_SHARE = 0.5;
/** … and that of its twins stays below this: else the cause is one that all of them share. */
export const WELL_SHARE = 0.1;

/**
 * What callers think of whom they call. A server may answer every health check and fail its customers all the same (a gray
 * failure); only its callers see that.
 * @see https://www.microsoft.com/en-us/research/publication/gray-failure-achilles-heel-cloud-scale-systems/
 */
export class CallersWord {
  private readonly notes = new Map<string, readonly Note[]>();

  note(tally: Tally, atMs: number): void {
    const key = `${tally.caller} ${tally.about}`;
    const before = this.notes.get(key) ?? [];
    const last = before.at(-1);
    // A caller that started anew counts from nothing.
    const comparable = last !== undefined && tally.ended >= last.ended ? before : [];
    const within = comparable.filter((note) => atMs - note.atMs <= WINDOW_MS);
    this.notes.set(key, [...within, { ...tally, atMs }]);
  }

  /** What is said against a server while nothing is said against its twins, in words; nothing without twins to compare with. */
  against(about: string, twins: readonly string[], nowMs: number): string | undefined {
    const { ended, failed } = this.sumOf(about, nowMs);
    if (twins.length === 0 || failed < MIN_FAILURES || failed < ended * ACCUSED_SHARE) return undefined;
    const others = twins.map((twin) => this.sumOf(twin, nowMs));
    const areWell = others.every((other) => other.ended > 0 && other.failed <= other.ended * WELL_SHARE);
    return areWell ? `its callers saw ${failed} of ${ended} requests fail in ${WINDOW_MS / 1_000} s` : undefined;
  }

  /** Whether a caller got good answers from it just now, between its last two counts. */
  isServing(about: string, nowMs: number): boolean {
    for (const notes of this.notes.values()) {
      const [before, last] = notes.slice(-2);
      if (last?.about !== about || !before || nowMs - last.atMs > FRESH_MS) continue;
      if (last.ended - last.failed > before.ended - before.failed) return true;
    }
    return false;
  }

  private sumOf(about: string, nowMs: number): { ended: number; failed: number } {
    let [ended, failed] = [0, 0];
    for (const notes of this.notes.values()) {
      const recent = notes.filter((note) => note.about === about && nowMs - note.atMs <= WINDOW_MS);
      const [first, last] = [recent.at(0), recent.at(-1)];
      if (!first || !last) continue;
      ended += last.ended - first.ended;
      failed += last.failed - first.failed;
    }
    return { ended, failed };
  }
}
