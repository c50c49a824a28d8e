import type { ConfigOf } from '#libs/config';
import { type databaseConfig, openDatabase } from '#libs/database';
import type { busConfig } from '#libs/messaging';
import { FactStore } from './fact-store.js';
import { SETTLE_WITHIN_MS } from './invariants/becomes-final.js';
import { invariants } from './invariants/index.js';
import { judge, type Verdict } from './judge.js';
import { type DatabaseSummary, loadDatabase } from './load-database.js';
import { loadFencing } from './load-fencing.js';
import { type JournalSummary, loadJournal } from './load-journal.js';
import { loadLedgers } from './load-ledgers.js';
import { loadLog } from './load-log.js';
import { settledOnly } from './settled-only.js';
import { waitUntilSettled } from './wait-until-settled.js';

/** The system that is checked. */
export type CheckTarget = {
  database: ConfigOf<typeof databaseConfig>;
  providers: readonly { name: string; url: string }[];
  /** Where the log is besides the database's own. */
  bus: ConfigOf<typeof busConfig>;
};

export type CheckOptions = {
  journalPath: string;
  fencingPath?: string | undefined;
  /** Longest wait after the journal's end for what is under way, in ms. */
  waitMs: number;
};

export type CheckReport = {
  isGood: boolean;
  facts: JournalSummary & DatabaseSummary & { ledgerLines: number };
  verdicts: Verdict[];
};

/** The longest statement sums up every order line. */
const ANSWER_TIMEOUT_MS = 30_000;
const KEY_DAYS_MS = 2 * 86_400_000;

/**
 * Waits until the system has settled, or should have, then holds every promise against what the client saw, the database
 * has, and the providers charged.
 */
export async function runCheck(target: CheckTarget, options: CheckOptions): Promise<CheckReport> {
  using store = new FactStore();
  const journal = await loadJournal(options.journalPath, store);
  const settings = { ...target.database, answerTimeoutMs: ANSWER_TIMEOUT_MS };
  const database = await openDatabase('orders', {}, settings, { name: 'check', site: 'outside' });
  try {
    await waitUntilSettled(database, {
      placedBeforeMs: journal.healedAtMs,
      deadlineMs: journal.healedAtMs + options.waitMs,
    });
    const startedAtMs = Date.now();
    const ledgerLines = await loadLedgers(target.providers, store);
    const inDatabase = await loadDatabase(database, store);
    const records = inDatabase.records + (await loadLog(target.bus, store));
    const facts = { ...journal, ...inDatabase, records, ledgerLines };
    if (options.fencingPath !== undefined) await loadFencing(options.fencingPath, store);
    const { healedAtMs, outboxSinceMs } = facts;
    const subjects = {
      orders: () => settledOnly(store.orders(), startedAtMs - SETTLE_WITHIN_MS),
      keys: () => store.keys(),
      shelves: () => store.shelves(),
      resources: () => store.resources(),
    };
    const verdicts = judge(invariants, subjects, { healedAtMs, outboxSinceMs, keysSinceMs: Date.now() - KEY_DAYS_MS });
    return { isGood: verdicts.every(({ isKept }) => isKept), facts, verdicts };
  } finally {
    await database.close();
  }
}
