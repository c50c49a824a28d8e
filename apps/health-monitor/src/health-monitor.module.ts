import { join } from 'node:path';
import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ConfigOf } from '#libs/config';
import { MONITOR_LEADER } from '#libs/contracts';
import { databaseConfig, LeaderWitness } from '#libs/database';
import { HealthModule } from '#libs/health';
import { busConfig, KafkaView } from '#libs/messaging';
import {
  EtcdCluster,
  EtcdFencedLease,
  EtcdStore,
  RegistryModule,
  registryConfig,
  SoleLease,
  type Term,
} from '#libs/registry';
import { SecurityModule } from '#libs/security';
import { serviceConfig } from '#libs/service-defaults';
import { GateActuator } from './act/gate-actuator.js';
import { LauncherActuator } from './act/launcher-actuator.js';
import { DecisionLog } from './decision-log.js';
import { EtcdDecisionStore, FileDecisionStore } from './decision-store.js';
import { LeaderWatch } from './lead/leader-watch.js';
import { monitorConfig } from './monitor.config.js';
import { MonitorController } from './monitor.controller.js';
import { Monitor } from './monitor.js';
import { MonitorDesk } from './monitor-desk.js';
import { LauncherView } from './observe/launcher-view.js';
import { SyntheticOrder } from './observe/synthetic-order.js';
import { SurroundingsWatch } from './surroundings-watch.js';

type Settings = {
  readonly monitor: ConfigOf<typeof monitorConfig>;
  readonly service: ConfigOf<typeof serviceConfig>;
  readonly database: ConfigOf<typeof databaseConfig>;
  readonly registry: ConfigOf<typeof registryConfig>;
  readonly bus: ConfigOf<typeof busConfig>;
};

/** Consumer groups whose lag is shown. */
const GROUPS = ['order', 'payment'].map((name) => `resilient-consumer-group.${name}`);

function surroundingsOf({ monitor, bus }: Settings): SurroundingsWatch {
  const token = monitor.syntheticToken?.reveal();
  const hasDoors = token !== undefined && monitor.frontDoors.length > 0;
  return new SurroundingsWatch({
    targets: monitor.targets.filter(({ metricsPort }) => metricsPort !== undefined),
    evidenceIntervalMs: monitor.evidenceIntervalMs,
    limitMs: monitor.limitMs,
    synthetic: hasDoors ? new SyntheticOrder(monitor.frontDoors, token, monitor.syntheticLimitMs) : undefined,
    syntheticIntervalMs: monitor.syntheticIntervalMs,
    kafka: bus.bus === 'kafka' ? new KafkaView(bus, GROUPS) : undefined,
  });
}

/** Where there is no etcd: one monitor, which leads, and asks the launcher. */
function monitorOfLauncher(settings: Settings): Monitor {
  const { monitor, database, service } = settings;
  const view = new LauncherView(monitor.launcherState ?? '');
  return new Monitor({
    settings: { monitor, database, patroni: false, self: service.name },
    lease: new SoleLease(),
    decisions: new DecisionLog(new FileDecisionStore(join(monitor.dataFolder ?? '.', 'decisions.jsonl'))),
    actuator: (term) => new LauncherActuator(view, () => term()?.token ?? '0'),
    surroundings: () => surroundingsOf(settings),
    engine: view.of,
  });
}

/** With etcd: one of several, of which one leads, and writes jobs for the gates. */
function monitorOfMany(settings: Settings, etcd: EtcdCluster): Monitor {
  const { monitor, database, service, registry } = settings;
  const store = new EtcdStore(etcd);
  let term: () => Term | undefined = () => undefined;
  return new Monitor({
    settings: { monitor, database, patroni: true, self: service.name },
    lease: new EtcdFencedLease(etcd, MONITOR_LEADER, registry.leaseSeconds),
    decisions: new DecisionLog(new EtcdDecisionStore(store, () => term())),
    actuator: (current) => {
      term = current;
      return new GateActuator(current, store);
    },
    surroundings: () => surroundingsOf(settings),
    engine: () => undefined,
  });
}

/** Watches the leader of the database, where it has one that can be frozen; switched off with `MONITOR_LEASE_REVOCATION=false`. */
function leaderWatchOf(
  monitor: Monitor,
  { monitor: settings, registry }: Pick<Settings, 'monitor' | 'registry'>,
  etcd: {
    readonly cluster: EtcdCluster;
    readonly witness: LeaderWitness;
  },
): LeaderWatch {
  const monitors = settings.targets.filter(({ group }) => group === 'monitor').length;
  return new LeaderWatch({
    self: monitor.name,
    store: new EtcdStore(etcd.cluster),
    witness: etcd.witness,
    leaderKey: `/service/${registry.patroniScope}/leader`,
    nodes: settings.targets.filter(({ group }) => group === 'postgres'),
    majority: Math.floor(monitors / 2) + 1,
    onRevoked: ({ name }, voters) => {
      const reason = `${name} led the database and was silent for 3 s, so its lease was revoked by the votes of ${voters.join(', ')}.`;
      monitor.decisions.add({ action: 'revoke', target: name, reason, dryRun: false });
    },
  });
}

/** The monitor of the whole system: three in ha, of which one acts; one in lite. */
@Module({
  imports: [RegistryModule.forService(), SecurityModule, HealthModule.with([])],
  controllers: [MonitorController],
  providers: [
    {
      provide: Monitor,
      useFactory: (
        ...[monitor, service, database, registry, bus, etcd]: [...SettingsList, EtcdCluster | undefined]
      ) => {
        const settings: Settings = { monitor, service, database, registry, bus };
        return etcd ? monitorOfMany(settings, etcd) : monitorOfLauncher(settings);
      },
      inject: [
        ...[monitorConfig, serviceConfig, databaseConfig, registryConfig, busConfig].map(({ token }) => token),
        { token: EtcdCluster, optional: true },
      ],
    },
    {
      provide: LeaderWatch,
      useFactory: (...[monitor, settings, registry, cluster, witness]: WatchList) =>
        cluster && witness && settings.leaseRevocation
          ? leaderWatchOf(monitor, { monitor: settings, registry }, { cluster, witness })
          : undefined,
      inject: [
        Monitor,
        monitorConfig.token,
        registryConfig.token,
        { token: EtcdCluster, optional: true },
        { token: LeaderWitness, optional: true },
      ],
    },
    { provide: MonitorDesk, useFactory: (monitor: Monitor) => new MonitorDesk(monitor), inject: [Monitor] },
  ],
})
export class HealthMonitorModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(Monitor) private readonly monitor: Monitor,
    @Inject(LeaderWatch) private readonly watch: LeaderWatch | undefined,
  ) {}

  onApplicationBootstrap(): void {
    this.monitor.leadership.start();
    this.watch?.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.watch?.stop();
    await this.monitor.leadership.stop();
  }
}

type SettingsList = [
  Settings['monitor'],
  Settings['service'],
  Settings['database'],
  Settings['registry'],
  Settings['bus'],
];
type WatchList = [
  Monitor,
  Settings['monitor'],
  Settings['registry'],
  EtcdCluster | undefined,
  LeaderWitness | undefined,
];
