import type { Target } from '#libs/contracts';
import type { ClusterFacts } from '#libs/messaging';
import { gauge, histogram, logger } from '#libs/telemetry';
import type { Situation } from './situation.js';
import { blank, type TargetHistory } from './target-history.js';

const log = logger('infrastructure');

const healthy = gauge('infrastructure_healthy', 'Members of a group that are well, as the monitor sees them.', [
  'group',
]);
const total = gauge('infrastructure_members', 'Members of a group.', ['group']);
const lag = histogram(
  'infrastructure_replication_lag_seconds',
  'Lag of database standbys, one sample each per report.',
  ['node'],
  [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
);
const cache = gauge('infrastructure_cache_cluster', 'Redis servers that are well, by role.', ['role']);
const partitions = gauge('infrastructure_log_partitions', 'Kafka partitions by state.', ['state']);
const consumerLag = gauge('infrastructure_consumer_lag', 'Records a Kafka group has not consumed.', ['group']);
const doors = gauge('infrastructure_edge_servers_up', 'Servers that a front door holds for healthy.', ['edge']);

/** Members that are well, and all. */
export type GroupHealth = { readonly well: number; readonly of: number };

/** Load balancers, replication, cache, log and consensus at one glance: what nobody had in 2019. */
export type InfrastructureReport = {
  readonly groups: Readonly<Record<string, GroupHealth>>;
  readonly replicationLagMs: Readonly<Record<string, number>>;
  readonly cacheMaster: string | undefined;
  readonly kafka: ClusterFacts | undefined;
};

type Seen = { readonly target: Target; readonly history: TargetHistory };

/** Pure. */
export function reportOf({ targets, histories }: Situation, kafka: ClusterFacts | undefined): InfrastructureReport {
  const seen = targets.map((target) => ({ target, history: histories.get(target.name) ?? blank }));
  const groups: Record<string, GroupHealth> = {};
  for (const one of seen) {
    const { well, of } = groups[one.target.group] ?? { well: 0, of: 0 };
    groups[one.target.group] = { well: well + Number(isWell(one)), of: of + 1 };
  }
  const standbys = seen.filter((one) => isWell(one) && one.history.latest?.facts?.role === 'standby');
  const replicationLagMs = Object.fromEntries(
    standbys.map(({ target, history }) => [target.name, Number(history.latest?.facts?.lagMs ?? 0)]),
  );
  const master = seen.find((one) => isWell(one) && one.history.latest?.facts?.role === 'master');
  return { groups, replicationLagMs, cacheMaster: master?.target.name, kafka };
}

/** Puts the report into the log and onto `/metrics`. */
export function publishReport(report: InfrastructureReport, { targets, histories }: Situation): void {
  log.info(report, 'infrastructure report');
  for (const [group, { well, of }] of Object.entries(report.groups)) {
    healthy.set({ group }, well);
    total.set({ group }, of);
  }
  for (const [node, lagMs] of Object.entries(report.replicationLagMs)) lag.observe({ node }, lagMs / 1_000);
  const roles = targets.map(({ name }) => histories.get(name)?.latest).filter((seen) => seen?.outcome === 'well');
  for (const role of ['master', 'replica'])
    cache.set({ role }, roles.filter((seen) => seen?.facts?.role === role).length);
  for (const { name, group } of targets)
    if (group === 'edge') doors.set({ edge: name }, Number(histories.get(name)?.latest?.facts?.serversUp ?? 0));
  const { kafka } = report;
  if (!kafka) return;
  partitions.set({ state: 'offline' }, kafka.offline);
  partitions.set({ state: 'under-replicated' }, kafka.underReplicated);
  for (const [group, records] of Object.entries(kafka.lag)) consumerLag.set({ group }, records);
}

const isWell = ({ history }: Seen): boolean => history.latest?.outcome === 'well';
