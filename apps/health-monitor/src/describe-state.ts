import { type MonitorState, type Target, type WatchedTarget } from '#libs/contracts';
import type { Monitor } from './monitor.js';
import { defaultPolicy } from './policy.js';
import { openAlerts } from './resume-histories.js';
import type { Situation } from './situation.js';
import { blank, restartsWithin, type TargetHistory } from './target-history.js';

/** What `GET /api/state` answers. */
export async function describeState(monitor: Monitor): Promise<MonitorState> {
  const { loop, watch, decisions } = monitor;
  const leader = await monitor.leadership.leader();
  const alerts = [...openAlerts(decisions.all)].map(([key, text]) => {
    const kind = key.split(':')[0] as never;
    return { key, kind, text, runbook: monitor.alerts.runbookOf({ kind }) };
  });
  return {
    monitor: monitor.name,
    leader: leader?.holder,
    token: leader?.token,
    dryRun: monitor.isDry,
    standingBack: loop?.situation.standingBack ?? false,
    maintenance: loop ? maintained(loop.situation) : [],
    targets: monitor.targets.map((target) => describeTarget(target, loop?.situation)),
    alerts,
    syntheticOrder: watch?.syntheticOrder,
    report: monitor.report,
    at: new Date().toISOString(),
  };
}

const maintained = ({ maintenance }: Situation): string[] =>
  typeof maintenance === 'string' ? [maintenance] : [...maintenance];

function describeTarget({ name, group, site, tier }: Target, situation: Situation | undefined): WatchedTarget {
  const history = situation?.histories.get(name) ?? blank;
  return {
    name,
    group,
    site,
    tier,
    state: stateOf(history),
    detail: history.latest?.detail ?? 'not looked at yet',
    failures: history.failures,
    restarts: restartsWithin(history, situation?.nowMs ?? 0, defaultPolicy),
    facts: { ...history.latest?.facts },
  };
}

function stateOf(history: TargetHistory): WatchedTarget['state'] {
  if (history.switchedMs !== undefined) return 'out';
  if (history.restartingMs !== undefined) return 'restarting';
  if (history.suspectedMs !== undefined) return 'suspect';
  return history.latest?.outcome === 'well' ? 'well' : 'unknown';
}
