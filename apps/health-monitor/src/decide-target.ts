import type { Target } from '#libs/contracts';
import type { Decision } from './decision.js';
import { backoffMs, type Policy } from './policy.js';
import type { Situation } from './situation.js';
import { blank, restartsWithin, type TargetHistory } from './target-history.js';
import { areTwinsWell, hasWellTwin, twinsOf } from './twins.js';

/** The numbers, and which groups have a restart under way. */
type Limits = { readonly policy: Policy; readonly restarting: ReadonlySet<string> };
type Case = { readonly target: Target; readonly history: TargetHistory; readonly situation: Situation } & Limits;

/** The next step for one target, if there is one: suspect → start or restart → recover, or else switch. */
export function decideTarget(target: Target, situation: Situation, limits: Limits): Decision | undefined {
  const history = situation.histories.get(target.name);
  if (!history?.latest) return undefined;
  const one: Case = { target, history, situation, ...limits };
  if (history.switchedMs !== undefined) return whenSwitched(one);
  if (history.suspectedMs === undefined) return whenTrusted(one);
  if (history.goods >= limits.policy.goodsToRecover) return recover(one);
  return whenSuspect(one);
}

function whenTrusted({ target, history, situation, policy }: Case): Decision | undefined {
  if (history.failures === 0) return undefined;
  const isNew = history.lastWellMs === undefined && situation.nowMs - situation.sinceMs < policy.startGraceMs;
  if (isNew) return undefined;
  return say('suspect', target, `${target.name} is a suspect: ${history.latest?.detail.replace(/\.+$/, '')}.`);
}

function recover({ target, history, situation }: Case): Decision {
  const since = history.suspectedMs ?? situation.nowMs;
  const cured = history.restartingMs === undefined ? '' : ' after its restart';
  const tookMs = seconds(situation.nowMs - since);
  return say('recover', target, `${target.name} serves again${cured}, ${tookMs} after it became a suspect.`);
}

function whenSuspect(one: Case): Decision | undefined {
  const { target, history, situation, policy } = one;
  if (situation.nowMs < situation.calmUntilMs) return undefined;
  if (history.shortLivesMs.length >= policy.maxRestarts)
    return switchOver(one, `was started ${policy.maxRestarts} times and died each time`);
  const startOnly = mayHaveExited(one);
  const complaint = startOnly ? `is gone (${history.latest?.detail})` : complaintOf(one);
  if (!complaint || isBeingChecked(one) || isFailingOver(one)) return undefined;
  const restarts = restartsWithin(history, situation.nowMs, policy);
  if (restarts + history.foundRunning >= policy.maxRestarts)
    return switchOver(one, `${triedOn(one, restarts)} and ${complaint}`);
  if (mustWait(one, restarts) || (startOnly && one.restarting.size > 0)) return undefined;
  const which = `(${restarts + 1} of ${policy.maxRestarts})`;
  return startOnly
    ? say('start', target, `${target.name} ${complaint}, so it is started, unless its engine has done so ${which}.`)
    : say('restart', target, `${target.name} ${complaint}, so it is restarted ${which}.`);
}

function triedOn({ history: { foundRunning } }: Case, restarts: number): string {
  const found = `was found running ${foundRunning} times without ever answering`;
  if (restarts === 0) return found;
  return `was restarted ${restarts} times${foundRunning > 0 ? `, ${found},` : ''}`;
}

/**
 * It has exited and nobody starts it; or it is starting, or cut off, and must not be disturbed: a start does not. So the first
 * failure is enough.
 */
function mayHaveExited({ target, history, situation, policy }: Case): boolean {
  const { latest, darkSinceMs, startAskedMs } = history;
  if (target.tier === 'data' || !latest || latest.inHand || darkSinceMs === undefined) return false;
  const isAsked = startAskedMs !== undefined && startAskedMs >= darkSinceMs;
  if (latest.outcome === 'gone') return !isAsked;
  return latest.outcome === 'unreachable' && (!isAsked || situation.nowMs - startAskedMs >= policy.checkPatienceMs);
}

/** Why the target needs a restart; nothing while others have the right to cure it, or while it may cure itself. */
function complaintOf({ target, history, situation, policy }: Case): string | undefined {
  const { latest, darkSinceMs, failingSinceMs } = history;
  if (!latest || history.failures < policy.failuresToAct) return undefined;
  const darkMs = darkSinceMs === undefined ? 0 : situation.nowMs - darkSinceMs;
  if (darkSinceMs === undefined) {
    const unreadyMs = situation.nowMs - (failingSinceMs ?? situation.nowMs);
    const accusedMs = situation.nowMs - (history.accusedSinceMs ?? situation.nowMs);
    const isLong = unreadyMs >= policy.unreadyPatienceMs || accusedMs >= policy.accusedPatienceMs;
    if (target.tier === 'data' || !isLong || !areTwinsWell(target, situation)) return undefined;
    return `cannot serve for ${seconds(unreadyMs)} while its twin can (${latest.detail})`;
  }
  if (history.darkLooks < policy.failuresToAct) return undefined;
  const isStarting = latest.inHand === true || latest.outcome === 'gone';
  if (isStarting && darkMs < policy.startPatienceMs) return undefined;
  if (target.tier === 'data' && darkMs < policy.dataDarkMs) return undefined;
  const isAlone = twinsOf(target, situation.targets).length > 0 && !hasWellTwin(target, situation);
  if (isAlone && darkMs < policy.lonelyPatienceMs) return undefined;
  // What runs and cannot be reached is cut off: no restart mends a network.
  if (latest.outcome === 'unreachable' && target.tier === 'service') return undefined;
  return `failed ${history.failures} times in a row (${latest.detail})`;
}

/** While the database has no primary, starts would take the computing time that its election needs, and serve nobody. */
function isFailingOver({ target, history, situation, policy }: Case): boolean {
  const nodes = situation.targets.filter(({ group }) => group === 'postgres');
  const seen = nodes.map(({ name }) => situation.histories.get(name) ?? blank);
  const hasPrimary = seen.some(({ failures, latest }) => failures === 0 && latest?.facts?.role === 'primary');
  const isHurt = seen.some(({ failures }) => failures > 0);
  const darkMs = situation.nowMs - (history.darkSinceMs ?? situation.nowMs);
  return target.tier === 'service' && isHurt && !hasPrimary && darkMs < policy.failoverPatienceMs;
}

const isBeingChecked = ({ history, situation, policy }: Case): boolean =>
  history.restartingMs !== undefined && situation.nowMs - history.restartingMs < policy.checkPatienceMs;

/** Budgets: one restart in flight per group, one start in all, and a back-off that grows. */
function mustWait({ target, history, situation, policy, restarting }: Case, restarts: number): boolean {
  if (restarting.has(target.group)) return true;
  const last = history.restartsMs.at(-1);
  return last !== undefined && restarts > 0 && situation.nowMs - last < backoffMs(restarts, policy);
}

function switchOver({ target, situation }: Case, complaint: string): Decision {
  const twins = twinsOf(target, situation.targets).map(({ name }) => name);
  const who =
    twins.length === 0 ? 'nobody can take over, and operations are called' : `${twins.join(' and ')} takes over`;
  return say('switch', target, `${target.name} ${complaint}, so it is set aside: ${who}.`);
}

/** It returns after it was well for long, or at once when it is the last one that can serve. */
function whenSwitched({ target, history, situation, policy }: Case): Decision | undefined {
  if (history.wellSinceMs === undefined) return undefined;
  if (!hasWellTwin(target, situation))
    return say('return', target, `${target.name} answers and no twin of it can serve, so it takes work again.`);
  const wellMs = situation.nowMs - history.wellSinceMs;
  if (wellMs < policy.returnAfterMs) return undefined;
  return say('return', target, `${target.name} has been well for ${seconds(wellMs)}, so it takes work again.`);
}

const say = (action: Decision['action'], { name }: Target, reason: string): Decision => ({
  action,
  target: name,
  reason,
});

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
