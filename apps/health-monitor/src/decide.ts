import { decideTarget } from './decide-target.js';
import { type Decision, isRestart } from './decision.js';
import type { Policy } from './policy.js';
import type { Situation } from './situation.js';
import { blank, forgive, type TargetHistory } from './target-history.js';

/** Decisions of one step: more are made in the next. */
export const MAX_DECISIONS = 8;

/**
 * Decides what to do: a few actions with a reason each. Pure: the same situation gives the same answer.
 * The caller notes each decision with {@link note} before it decides again.
 */
export function decide(situation: Situation, policy: Policy): readonly Decision[] {
  if (situation.maintenance === 'all') return [];
  const massive = judgeMass(situation, policy);
  if (massive) return [massive];
  if (situation.standingBack) return [];
  const decisions: Decision[] = [];
  const restarting = groupsBeingRestarted(situation, policy);
  for (const target of situation.targets) {
    if (situation.maintenance.has(target.name)) continue;
    const decision = decideTarget(target, situation, { policy, restarting });
    if (!decision) continue;
    if (isRestart(decision.action)) restarting.add(target.group);
    decisions.push(decision);
    if (decisions.length === MAX_DECISIONS) break;
  }
  return decisions;
}

/** Over half of the targets sick: the fault is the network's, the machine's or ours, and no restart cures that. */
function judgeMass({ targets, histories, standingBack }: Situation, policy: Policy): Decision | undefined {
  const known = targets.filter(({ name }) => histories.get(name)?.lastWellMs !== undefined);
  const sick = known.filter(({ name }) => (histories.get(name)?.failures ?? 0) > 0);
  const massive = known.length > 1 && sick.length > known.length * policy.maxSickShare;
  const count = `${sick.length} of ${known.length} targets`;
  if (massive && !standingBack)
    return {
      action: 'stand-back',
      reason: `${count} fail at once, so the cause is none of them and nothing is restarted.`,
    };
  if (!massive && standingBack)
    return {
      action: 'resume',
      reason: `Only ${count} still fail, so single targets are looked after again in ${policy.calmAfterMs / 1_000} s.`,
    };
  return undefined;
}

function groupsBeingRestarted({ targets, histories, nowMs }: Situation, policy: Policy): Set<string> {
  const busy = targets.filter(({ name }) => {
    const { restartingMs } = histories.get(name) ?? blank;
    return restartingMs !== undefined && nowMs - restartingMs < policy.checkPatienceMs;
  });
  return new Set(busy.map(({ group }) => group));
}

/** The situation after a decision: what the next one must know of it. Pure. */
export function note(situation: Situation, decision: Decision, policy: Policy): Situation {
  const { nowMs } = situation;
  if (decision.action === 'stand-back') return { ...situation, standingBack: true };
  if (decision.action === 'resume') {
    const forgiven = new Map([...situation.histories].map(([name, history]) => [name, forgive(history)]));
    return { ...situation, standingBack: false, calmUntilMs: nowMs + policy.calmAfterMs, histories: forgiven };
  }
  if (decision.target === undefined) return situation;
  const before = situation.histories.get(decision.target) ?? blank;
  const histories = new Map(situation.histories).set(decision.target, noted(before, decision, nowMs));
  return { ...situation, histories };
}

/** How long a restart that was refused is not asked for again. */
const REFUSED_MS = 5_000;

/** The situation when a restart or start was decided and not done: it counts for no budget. Pure. */
export function unnote(situation: Situation, target: string, policy: Policy): Situation {
  const before = situation.histories.get(target) ?? blank;
  const restartsMs = before.restartsMs.slice(0, -1);
  // It may have recovered by itself meanwhile: then nothing is under way.
  const isSuspect = before.suspectedMs !== undefined;
  const restartingMs = isSuspect ? situation.nowMs - policy.checkPatienceMs + REFUSED_MS : undefined;
  return { ...situation, histories: new Map(situation.histories).set(target, { ...before, restartsMs, restartingMs }) };
}

/** The situation when a start found its target running: nothing was done, but it has not helped either. Pure. */
export function noteRunning(situation: Situation, target: string, policy: Policy): Situation {
  const after = unnote(situation, target, policy);
  const history = after.histories.get(target) ?? blank;
  const foundRunning = history.darkSinceMs === undefined ? 0 : history.foundRunning + 1;
  return { ...after, histories: new Map(after.histories).set(target, { ...history, foundRunning }) };
}

const restarted = (history: TargetHistory, nowMs: number): TargetHistory => ({
  ...history,
  restartingMs: nowMs,
  restartsMs: [...history.restartsMs.slice(-9), nowMs],
});

function noted(history: TargetHistory, { action }: Decision, nowMs: number): TargetHistory {
  switch (action) {
    case 'suspect':
      return { ...history, suspectedMs: nowMs };
    case 'start':
      return { ...restarted(history, nowMs), startAskedMs: nowMs };
    case 'restart':
      return restarted(history, nowMs);
    case 'switch':
      return { ...history, switchedMs: nowMs, restartingMs: undefined };
    case 'return':
      return { ...history, switchedMs: undefined, suspectedMs: undefined, restartsMs: [], shortLivesMs: [] };
    case 'recover':
      return { ...history, suspectedMs: undefined, restartingMs: undefined, failures: 0 };
    case 'stand-back':
    case 'resume':
      return history;
  }
}
