import { isRestart } from './decision.js';
import type { KeptDecision } from './kept-decision.js';
import type { Policy } from './policy.js';
import { blank, type TargetHistory } from './target-history.js';

/** Now, on both clocks: decisions carry the wall's, histories ours. */
export type Clocks = { readonly nowMs: number; readonly wallMs: number };

/**
 * What a new leader must know of its predecessor's deeds, so that budgets and set-aside instances survive it: restarts within
 * the window, and who is set aside. Pure.
 */
export function resumeHistories(
  decisions: readonly KeptDecision[],
  { nowMs, wallMs }: Clocks,
  { restartWindowMs }: Policy,
): Map<string, TargetHistory> {
  const histories = new Map<string, TargetHistory>();
  for (const { action, target, at, dryRun, failed } of decisions) {
    if (target === undefined || dryRun) continue;
    const atMs = nowMs - (wallMs - Date.parse(at));
    const before = histories.get(target) ?? blank;
    if (isRestart(action) && nowMs - atMs < restartWindowMs)
      histories.set(target, { ...before, restartsMs: [...before.restartsMs, atMs] });
    // What was decided and not done counts for no budget.
    if (isRestart(failed)) histories.set(target, { ...before, restartsMs: before.restartsMs.slice(0, -1) });
    if (action === 'suspect') histories.set(target, { ...before, suspectedMs: atMs });
    if (action === 'recover') histories.set(target, { ...before, suspectedMs: undefined });
    if (action === 'switch') histories.set(target, { ...before, switchedMs: atMs });
    if (action === 'return') histories.set(target, blank);
  }
  return histories;
}

/** Alerts that were raised and not resolved. Pure. */
export function openAlerts(decisions: readonly KeptDecision[]): ReadonlyMap<string, string> {
  const open = new Map<string, string>();
  for (const { action, alert, reason } of decisions) {
    if (alert === undefined) continue;
    if (action === 'alert') open.set(alert, reason);
    if (action === 'resolve') open.delete(alert);
  }
  return open;
}
