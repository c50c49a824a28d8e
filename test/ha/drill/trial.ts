import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import type { Broken, Fault, Rig } from './fault.js';
import type { JournalWatch } from './journal-watch.js';

/** What a trial found. All times in ms. */
export type Outcome = {
  what: string;
  gapMs: number;
  settleGapMs: number;
  backMs: number | undefined;
  finalMs: number;
  failed: string[];
  acknowledged: number;
  lost: string[];
  amplification: number;
  suspectedMs: number | undefined;
  recoveredMs: number | undefined;
};

const LOOK_MS = 200;
/** Steady before the fault, and again after it, so that gaps have an end. */
const STEADY_MS = 3_000;
const STEADY_ACKS = 60;
const GOES_ON_MS = 6_000;
const MAX_HOLD_MS = 45_000;
const RECOVERY_TIMEOUT_MS = 60_000;
/** A client that began just before the end of the trial still has its patience. */
const PATIENCE_MS = 16_000;
const FINAL_TIMEOUT_MS = 90_000;

/** Breaks something under load, mends it, and reports what clients and orders felt. */
export async function runTrial(fault: Fault, rig: Rig, journal: JournalWatch): Promise<Outcome> {
  await rig.cluster.healthy();
  await untilSteady(journal);
  const startedAtMs = Date.now();
  let broken: Broken | undefined;
  let backMs: number | undefined;
  try {
    broken = await fault.inject(rig);
    const back = timeBack(broken, startedAtMs, fault.backWithinMs);
    await broken.bites?.();
    await hold(fault, journal, startedAtMs);
    backMs = await back;
  } finally {
    await broken?.heal();
    await rig.victims.healAll();
  }
  const healedAtMs = Date.now();
  const finalMs = await untilFinal(rig, healedAtMs);
  await pause(Math.max(STEADY_MS, fault.mayFail ? 0 : PATIENCE_MS - (Date.now() - healedAtMs)));
  journal.read();
  const endedAtMs = Date.now();
  const noticed = await noticedBy(rig, fault, broken, startedAtMs);
  broken?.verify?.(await rig.monitors.decisions(startedAtMs), startedAtMs);
  const ids = journal.acknowledged(startedAtMs - STEADY_MS, endedAtMs);
  return {
    what: broken?.what ?? '',
    gapMs: journal.gap(startedAtMs, endedAtMs),
    settleGapMs: await settleGap(rig, startedAtMs, healedAtMs),
    ...{ backMs, finalMs, acknowledged: ids.length },
    failed: journal.failed(startedAtMs - STEADY_MS, healedAtMs),
    lost: await missing(rig, ids),
    amplification: journal.amplification(startedAtMs - STEADY_MS, endedAtMs),
    ...noticed,
  };
}

/** When the monitor suspected the broken member and when it found it well again, from the fault on. */
async function noticedBy({ monitors }: Rig, fault: Fault, broken: Broken | undefined, startedAtMs: number) {
  const { target, sinceMs = startedAtMs } = broken ?? {};
  if (!fault.monitor || target === undefined) return { suspectedMs: undefined, recoveredMs: undefined };
  return eventually(
    async () => {
      const incident = await monitors.incident(target, startedAtMs);
      if (incident?.recoveredAt === undefined) throw new Error(`The monitor has not seen ${target} fail and recover.`);
      return {
        suspectedMs: Date.parse(incident.detectedAt) - sinceMs,
        recoveredMs: Date.parse(incident.recoveredAt) - sinceMs,
      };
    },
    { timeoutMs: RECOVERY_TIMEOUT_MS, intervalMs: LOOK_MS },
  );
}

async function untilSteady(journal: JournalWatch): Promise<void> {
  await eventually(
    async () => {
      const sinceMs = Date.now();
      await pause(STEADY_MS);
      journal.read();
      const acks = journal.acknowledgedSince(sinceMs);
      if (acks < STEADY_ACKS) throw new Error(`Only ${acks} orders in ${STEADY_MS} ms before the fault.`);
    },
    { timeoutMs: 60_000 },
  );
}

async function timeBack(broken: Broken, startedAtMs: number, withinMs = 0): Promise<number | undefined> {
  const { isBack } = broken;
  if (!isBack) return undefined;
  try {
    await eventually(isBack, { timeoutMs: Math.max(MAX_HOLD_MS, withinMs), intervalMs: LOOK_MS });
    return Date.now() - startedAtMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** As long as the fault says, or until orders have gone on for a while. */
async function hold({ holdMs }: Fault, journal: JournalWatch, startedAtMs: number): Promise<void> {
  if (holdMs !== undefined) return pause(Math.max(0, startedAtMs + holdMs - Date.now()));
  await pause(GOES_ON_MS);
  while (Date.now() - startedAtMs < MAX_HOLD_MS) {
    journal.read();
    const nowMs = Date.now();
    if (journal.gap(nowMs - GOES_ON_MS, nowMs) < GOES_ON_MS / 3) return;
    await pause(LOOK_MS);
  }
}

/** Time until every order from before `healedAtMs` is final. */
async function untilFinal({ cluster }: Rig, healedAtMs: number): Promise<number> {
  const sql = `SELECT count(*)::int AS n FROM orders.orders WHERE status = 'PLACED' AND created_at < to_timestamp($1::float8 / 1000)`;
  await eventually(
    async () => {
      const [left] = await cluster.query<{ n: number }>(sql, [healedAtMs]);
      if (left?.n !== 0) throw new Error(`${left?.n} orders are not final.`);
    },
    { timeoutMs: FINAL_TIMEOUT_MS, intervalMs: 500 },
  );
  return Date.now() - healedAtMs;
}

/** Longest time in which no order became final, while orders came in. */
async function settleGap({ cluster }: Rig, fromMs: number, untilMs: number): Promise<number> {
  const sql = `SELECT (extract(epoch FROM updated_at) * 1000)::float8 AS at FROM orders.orders
    WHERE status <> 'PLACED' AND updated_at BETWEEN to_timestamp($1::float8 / 1000) AND to_timestamp($2::float8 / 1000) ORDER BY 1`;
  const times = (await cluster.query<{ at: number }>(sql, [fromMs, untilMs])).map(({ at }) => at);
  const all = [fromMs, ...times, untilMs];
  return Math.round(Math.max(...all.slice(1).map((at, index) => at - (all[index] as number))));
}

/** Acknowledged orders that the database does not have. */
async function missing({ cluster }: Rig, ids: readonly string[]): Promise<string[]> {
  const sql = 'SELECT id::text FROM unnest($1::uuid[]) AS id EXCEPT SELECT order_id::text FROM orders.orders';
  return (await cluster.query<{ id: string }>(sql, [ids])).map(({ id }) => id);
}
