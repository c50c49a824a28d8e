import type { Target } from '#libs/contracts';
import type { ClusterFacts } from '#libs/messaging';
import type { Evidence } from '../observe/evidence.js';
import type { Policy } from '../policy.js';
import type { Situation } from '../situation.js';
import type { TargetHistory } from '../target-history.js';
import { type Alarm, alarm } from './alarm.js';

/** What is known beside the histories of targets. */
export type Surroundings = {
  readonly evidence: Evidence;
  readonly kafka: ClusterFacts | undefined;
  /** Synthetic orders that failed in a row, and why the last one did. */
  readonly syntheticFailures: number;
  readonly syntheticDetail: string;
};

const MAX_LAG_MS = 10_000;
const MAX_OUTBOX_AGE_SECONDS = 60;
const SYNTHETIC_FAILURES = 3;
/** More deaths than this within the window of restarts. */
const MAX_DEATHS = 4;

type Seen = { readonly target: Target; readonly history: TargetHistory };

/** Everything that is wrong right now. Pure. */
export function alarmsOf(situation: Situation, around: Surroundings, policy: Policy): readonly Alarm[] {
  const seen = situation.targets.flatMap((target) => {
    const history = situation.histories.get(target.name);
    return history?.latest ? [{ target, history }] : [];
  });
  const many = situation.standingBack
    ? [alarm('many-targets-sick', '', 'More than half of all targets fail at once; nothing is restarted.')]
    : [];
  return [
    ...many,
    ...seen.flatMap((one) => ofTarget(one, situation.nowMs, policy)),
    ...ofDatabase(seen),
    ...ofEngines(seen),
    ...ofSurroundings(around),
  ];
}

function ofTarget({ target, history }: Seen, nowMs: number, policy: Policy): Alarm[] {
  const { name } = target;
  const alarms: Alarm[] = [];
  if (history.switchedMs !== undefined)
    alarms.push(alarm('instance-out', name, `${name} is set aside: restarts did not help, its twin serves alone.`));
  const darkMs = history.darkSinceMs === undefined ? 0 : nowMs - history.darkSinceMs;
  if (target.tier === 'data' && darkMs >= policy.dataDarkMs)
    alarms.push(alarm('data-member-dark', name, `${name} has answered nothing for ${Math.round(darkMs / 1_000)} s.`));
  const deaths = history.deathsMs.filter((time) => nowMs - time < policy.restartWindowMs).length;
  if (deaths > MAX_DEATHS && history.switchedMs === undefined)
    alarms.push(
      alarm('instance-flaps', name, `${name} has died ${deaths} times in 5 minutes and came back each time.`),
    );
  return alarms;
}

const isWell = ({ history }: Seen): boolean => history.latest?.outcome === 'well';

function ofDatabase(seen: readonly Seen[]): Alarm[] {
  const nodes = seen.filter(({ target }) => target.group === 'postgres');
  if (nodes.length === 0) return [];
  const alarms = nodes.flatMap(({ target, history }) => {
    const lagMs = Number(history.latest?.facts?.lagMs ?? 0);
    if (lagMs <= MAX_LAG_MS) return [];
    return [
      alarm('replication-lag', target.name, `${target.name} is ${Math.round(lagMs / 1_000)} s behind its primary.`),
    ];
  });
  const hasPrimary = nodes.some((node) => isWell(node) && node.history.latest?.facts?.role === 'primary');
  return hasPrimary ? alarms : [...alarms, alarm('no-primary', '', 'No database node is a primary that answers.')];
}

function ofEngines(seen: readonly Seen[]): Alarm[] {
  const group = (name: string) => seen.filter(({ target }) => target.group === name);
  const [redis, etcd] = [group('redis'), group('etcd')];
  const alarms: Alarm[] = [];
  if (redis.length > 0 && !redis.some((one) => isWell(one) && one.history.latest?.facts?.role === 'master'))
    alarms.push(
      alarm('cache-without-master', '', 'No Redis server is a master that answers; the shop runs without cache.'),
    );
  const members = etcd.filter(isWell).length;
  if (etcd.length > 0 && members <= etcd.length / 2)
    alarms.push(alarm('etcd-without-majority', '', `Only ${members} of ${etcd.length} members of etcd answer.`));
  return alarms;
}

function ofSurroundings({ evidence, kafka, syntheticFailures, syntheticDetail }: Surroundings): Alarm[] {
  const alarms: Alarm[] = [];
  if (kafka && (kafka.underReplicated > 0 || kafka.offline > 0))
    alarms.push(
      alarm(
        'log-under-replicated',
        '',
        `${kafka.underReplicated} of ${kafka.partitions} partitions lack a replica, ${kafka.offline} have no leader.`,
      ),
    );
  if (evidence.outboxAgeSeconds > MAX_OUTBOX_AGE_SECONDS)
    alarms.push(
      alarm('outbox-stuck', '', `The oldest event in an outbox is ${Math.round(evidence.outboxAgeSeconds)} s old.`),
    );
  if (syntheticFailures >= SYNTHETIC_FAILURES)
    alarms.push(
      alarm(
        'synthetic-order-fails',
        '',
        `${syntheticFailures} test orders in a row failed, the last because ${syntheticDetail}.`,
      ),
    );
  const accused = new Set(evidence.openCircuits.map(({ target }) => target));
  for (const target of accused) {
    const callers = evidence.openCircuits.filter((one) => one.target === target).map(({ caller }) => caller);
    alarms.push(
      alarm('provider-circuit-open', target, `${callers.join(' and ')} stopped calling ${target}: its calls fail.`),
    );
  }
  return alarms;
}
