import { DatabaseSync } from 'node:sqlite';

/**
 * One row per idempotency key, for ever. `seq` is set when money was decided and numbers the ledger without gaps.
 * `webhook` is the durable queue of what must still be told.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS act (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, reference TEXT NOT NULL, amount_minor INTEGER NOT NULL, currency TEXT NOT NULL,
    digest TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    id TEXT, outcome TEXT, decline_code TEXT, at TEXT, seq INTEGER UNIQUE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS act_by_reference ON act (reference);
  CREATE TABLE IF NOT EXISTS webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT, webhook_id TEXT NOT NULL, key TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS webhook_by_due ON webhook (due_at_ms);`;

/**
 * Opens the ledger's file, or makes it. Every commit is on disk when it returns: WAL with synchronous FULL survives
 * `kill -9` and a power cut.
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function openLedgerFile(path: string): DatabaseSync {
  const file = new DatabaseSync(path);
  file.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;');
  file.exec(SCHEMA);
  return file;
}
