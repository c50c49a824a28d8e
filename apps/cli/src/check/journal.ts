import { type FileHandle, open } from 'node:fs/promises';
import type { JournalLine } from './journal-line.js';

/** Most lines that wait for the disk; a writer that is faster waits with them. */
export const MAX_BUFFERED_LINES = 100_000;

type Waiter = { resolve: () => void; reject: (cause: unknown) => void };

/**
 * The client's own memory of what it tried and what it was told: append only, on disk before {@link Journal.write}
 * resolves, and outside the system under test. Many writers share one flush.
 */
export class Journal {
  private lines: string[] = [];
  private waiters: Waiter[] = [];
  private isFlushing = false;

  private constructor(
    private readonly file: FileHandle,
    readonly path: string,
  ) {}

  /** Opens `path` for appending, or makes it. */
  static async open(path: string): Promise<Journal> {
    return new Journal(await open(path, 'a'), path);
  }

  /**
   * Appends a line and flushes it to the disk.
   * @throws Error when the disk refuses, or more than {@link MAX_BUFFERED_LINES} lines wait for it
   */
  write(line: JournalLine): Promise<void> {
    if (this.lines.length >= MAX_BUFFERED_LINES) {
      return Promise.reject(
        new Error(`The disk under ${this.path} is too slow: ${MAX_BUFFERED_LINES} lines wait for it.`),
      );
    }
    this.lines.push(JSON.stringify(line));
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      if (!this.isFlushing) void this.flush();
    });
  }

  /** Waits for what was written and closes the file. */
  async close(): Promise<void> {
    while (this.isFlushing || this.lines.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.file.close();
  }

  private async flush(): Promise<void> {
    this.isFlushing = true;
    while (this.lines.length > 0) {
      const { lines, waiters } = this;
      this.lines = [];
      this.waiters = [];
      try {
        await this.file.appendFile(`${lines.join('\n')}\n`);
        await this.file.datasync();
        for (const { resolve } of waiters) resolve();
      } catch (cause) {
        for (const { reject } of waiters) reject(cause);
      }
    }
    this.isFlushing = false;
  }
}
