import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ConfigOf } from '#libs/config';
import { MONITOR_LEADER } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { HealthModule } from '#libs/health';
import { EtcdCluster, EtcdFencedLease, EtcdStore, RegistryModule } from '#libs/registry';
import { serviceConfig } from '#libs/service-defaults';
import { DockerDoor } from './docker-door.js';
import { gateConfig } from './gate.config.js';
import { Gate } from './gate.js';
import { PatroniDoor } from './patroni-door.js';

type Service = ConfigOf<typeof serviceConfig>;
type Settings = ConfigOf<typeof gateConfig>;

/** Only reads who leads: a gate never leads itself. */
const UNUSED_LEASE_SECONDS = 5;

function gateOf(service: Service, settings: Settings, etcd: EtcdCluster | undefined): Gate {
  if (!etcd)
    throw new AppError({
      code: 'config-invalid',
      kind: 'bug',
      message: 'A restart gate takes its jobs from etcd. Set REGISTRY_MODE=etcd and REGISTRY_ETCD.',
    });
  return new Gate({
    name: service.name,
    project: settings.project,
    targets: settings.targets,
    lookIntervalMs: settings.lookIntervalMs,
    store: new EtcdStore(etcd),
    lease: new EtcdFencedLease(etcd, MONITOR_LEADER, UNUSED_LEASE_SECONDS),
    docker: new DockerDoor(settings.dockerSocket),
    patroni: new PatroniDoor(settings.patroniUser, settings.patroniPassword?.reveal()),
  });
}

/** Executes the fenced jobs of the monitor; the only process near the container engine. */
@Module({
  imports: [RegistryModule.forService(), HealthModule.with([])],
  providers: [
    {
      provide: Gate,
      useFactory: gateOf,
      inject: [serviceConfig.token, gateConfig.token, { token: EtcdCluster, optional: true }],
    },
  ],
})
export class RestartGateModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(@Inject(Gate) private readonly gate: Gate) {}

  onApplicationBootstrap(): void {
    this.gate.start();
  }

  onModuleDestroy(): void {
    this.gate.stop();
  }
}
