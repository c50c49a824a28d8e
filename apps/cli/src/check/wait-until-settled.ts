import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#libs/database';
import { countUnconsumed, countUnsettled } from './facts.sql.js';
import { query } from './load-database.js';

const POLL_MS = 500;
/** Events this young are left out: somebody is always placing an order, if only the monitor. */
const EVENT_AGE_MS = 2_000;

/** What is waited for, and how long. */
export type Patience = { placedBeforeMs: number; deadlineMs: number };

/** Ends early when nothing of the run is under way; at the deadline what still is goes red. */
export async function waitUntilSettled(database: Database, { placedBeforeMs, deadlineMs }: Patience): Promise<void> {
  while (!(await isSettled(database, placedBeforeMs))) {
    if (Date.now() >= deadlineMs) return;
    await sleep(POLL_MS);
  }
}

/** The cheap question first. */
async function isSettled(database: Database, placedBeforeMs: number): Promise<boolean> {
  const placedBefore = new Date(placedBeforeMs).toISOString();
  const [orders] = await query<{ unsettled: number }>(database, countUnsettled, [placedBefore]);
  if (orders?.unsettled !== 0) return false;
  const [events] = await query<{ unconsumed: number }>(database, countUnconsumed, [
    firstIdOf(Date.now() - EVENT_AGE_MS),
  ]);
  return events?.unconsumed === 0;
}

/** The smallest UUIDv7 of a millisecond. */
function firstIdOf(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
