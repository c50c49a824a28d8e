import type { DatabaseSync } from 'node:sqlite';

/** Most works merged into one commit, so that one flush never holds the event loop for long (about 20 µs a work). */
export const MAX_WORKS_PER_COMMIT = 500;

type Work = { run: () => unknown; resolve: (value: unknown) => void; reject: (cause: unknown) => void };
type Ran = { work: Work } & ({ value: unknown } | { refusal: unknown });

/**
 * Merges the works of many callers into one commit, because the disk's flush is nearly all of the cost. A work is
 * synchronous and either refuses (throws before it writes) or writes; nobody is answered before the commit is on disk.
 */
export class GroupCommit {
  private readonly waiting: Work[] = [];
  private isScheduled = false;

  constructor(private readonly file: DatabaseSync) {}

  /** Runs `work` within the next commit. Rejects with what `work` threw, or with the commit's own failure. */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run: work, resolve: resolve as (value: unknown) => void, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.isScheduled = false;
    const works = this.waiting.splice(0, MAX_WORKS_PER_COMMIT);
    if (this.waiting.length > 0) this.schedule();
    try {
      this.file.exec('BEGIN IMMEDIATE');
      const ran = works.map(runOne);
      this.file.exec('COMMIT');
      for (const one of ran) {
        if ('refusal' in one) one.work.reject(one.refusal);
        else one.work.resolve(one.value);
      }
    } catch (cause) {
      if (this.file.isOpen && this.file.isTransaction) this.file.exec('ROLLBACK');
      for (const work of works) work.reject(cause);
    }
  }
}

function runOne(work: Work): Ran {
  try {
    return { work, value: work.run() };
  } catch (refusal) {
    return { work, refusal };
  }
}
