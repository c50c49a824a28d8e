import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type JournalLine, journalLine } from './journal-line.js';

/** A journal that cannot be trusted proves nothing. */
export class BrokenJournalError extends Error {
  constructor(path: string, lineNumber: number, cause: unknown) {
    super(`${path}:${lineNumber} is not a journal line. A journal is only ever appended to; start a new one.`, {
      cause,
    });
    this.name = BrokenJournalError.name;
  }
}

/**
 * The lines of a journal, oldest first, one at a time. A last line torn by a crash of the client is left out: the client did
 * not go on after it.
 * @throws BrokenJournalError for any other line that cannot be read
 */
export async function* readJournal(path: string): AsyncGenerator<JournalLine> {
  let torn: BrokenJournalError | undefined;
  let lineNumber = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    lineNumber += 1;
    if (torn) throw torn;
    if (text === '') continue;
    try {
      yield journalLine.parse(JSON.parse(text));
    } catch (cause) {
      torn = new BrokenJournalError(path, lineNumber, cause);
    }
  }
}
