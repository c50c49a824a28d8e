import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigOf } from '#libs/config';
import { type Database, type databaseConfig, openDatabase } from '#libs/database';
import { FactStore } from './fact-store.js';
import { countUnsettled } from './facts.sql.js';
import { SETTLE_WITHIN_MS } from './invariants/becomes-final.js';
import { invariants } from './invariants/index.js';
import { judge, type Verdict } from './judge.js';
import { type DatabaseSummary, loadDatabase, query } from './load-database.js';
import { loadFencing } from './load-fencing.js';
import { type JournalSummary, loadJournal } from './load-journal.js';
import { loadLedgers } from './load-ledgers.js';

/** The system that is checked. */
export type CheckTarget = {
  database: ConfigOf<typeof databaseConfig>;
  providers: readonly { name: string; url: string }[];
};

export type CheckOptions = {
  journalPath: string;
  fencingPath?: string | undefined;
  /** Longest wait for what is under way, in ms, on top of the 60 s an order has. */
  waitMs?: number;
};

export type CheckReport = {
  isGood: boolean;
  facts: JournalSummary & DatabaseSummary & { ledgerLines: number };
  verdicts: Verdict[];
};

type Unsettled = { orders: number; payments: number; unsent: number; unread: number };

const POLL_MS = 500;
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
    await waitUntilSettled(database, journal.healedAtMs + SETTLE_WITHIN_MS + (options.waitMs ?? 0));
    const ledgerLines = await loadLedgers(target.providers, store);
    const facts = { ...journal, ...(await loadDatabase(database, store)), ledgerLines };
    if (options.fencingPath !== undefined) await loadFencing(options.fencingPath, store);
    const { healedAtMs, outboxSinceMs } = facts;
    const subjects = {
      orders: () => store.orders(),
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

/** Ends early when nothing is under way; at the deadline what still is goes red. */
async function waitUntilSettled(database: Database, deadlineMs: number): Promise<void> {
  for (;;) {
    const [left] = await query<Unsettled>(database, countUnsettled, []);
    const isSettled = left && left.orders + left.payments + left.unsent + left.unread === 0;
    if (isSettled || Date.now() >= deadlineMs) return;
    await sleep(POLL_MS);
  }
}
