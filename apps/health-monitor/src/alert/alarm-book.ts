import type { Alarm, AlarmKind } from './alarm.js';

/** How long something must be so before people are called, in ms: transient states are the system's own affair. */
const RAISE_AFTER_MS: Record<AlarmKind, number> = {
  'instance-out': 0,
  'many-targets-sick': 5_000,
  'data-member-dark': 10_000,
  'no-primary': 15_000,
  'replication-lag': 30_000,
  'cache-without-master': 15_000,
  'log-under-replicated': 30_000,
  'etcd-without-majority': 10_000,
  'outbox-stuck': 30_000,
  'synthetic-order-fails': 0,
  'provider-circuit-open': 30_000,
  'instance-flaps': 0,
};
/** An alert is over when its cause was away for so long. */
export const RESOLVE_AFTER_MS = 10_000;

type Page = { readonly alarm: Alarm; readonly sinceMs: number; readonly seenMs: number; readonly raised: boolean };

/** Alarms that are on or were a moment ago, by key. */
export type AlarmBook = ReadonlyMap<string, Page>;

/** What to tell people now. */
export type News = { readonly raised: readonly Alarm[]; readonly resolved: readonly Alarm[] };

/** Takes in what is on now: each alarm is raised once and resolved once. Pure. */
export function turnPage(book: AlarmBook, on: readonly Alarm[], nowMs: number): { book: AlarmBook } & News {
  const next = new Map(book);
  const news = { raised: [] as Alarm[], resolved: [] as Alarm[] };
  for (const alarm of on) {
    const page = next.get(alarm.key);
    const sinceMs = page?.sinceMs ?? nowMs;
    const isDue = nowMs - sinceMs >= RAISE_AFTER_MS[alarm.kind];
    if (isDue && page?.raised !== true) news.raised.push(alarm);
    next.set(alarm.key, { alarm, sinceMs, seenMs: nowMs, raised: isDue || page?.raised === true });
  }
  for (const [key, { alarm, seenMs, raised }] of next) {
    if (raised ? nowMs - seenMs < RESOLVE_AFTER_MS : seenMs === nowMs) continue;
    next.delete(key);
    if (raised) news.resolved.push(alarm);
  }
  return { book: next, ...news };
}
