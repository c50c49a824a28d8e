import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  Optional,
} from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { LeaderWitness } from '#libs/database';
import { EtcdCluster } from './etcd-cluster.js';
import { EtcdRegistry } from './etcd-registry.js';
import { EtcdStore } from './etcd-store.js';
import { serviceOf } from './instance.js';
import { PatroniWitness } from './patroni-witness.js';
import { registryConfig } from './registry.config.js';
import { Registry } from './registry.js';
import { SetAsideProbe } from './set-aside.probe.js';
import { StaticRegistry } from './static-registry.js';

/** The service's own section, which says who it is; declared above this library, so met by its token only. */
const SERVICE = Symbol.for('twofold.config.service');
type Self = { readonly name: string; readonly site: string };
type Settings = ConfigOf<typeof registryConfig>;

const etcd = {
  provide: EtcdCluster,
  useFactory: (settings: Settings) => (settings.mode === 'etcd' ? new EtcdCluster(settings) : undefined),
  inject: [registryConfig.token],
};
const registry = {
  provide: Registry,
  useFactory: (settings: Settings, cluster?: EtcdCluster, self?: Self): Registry =>
    cluster
      ? new EtcdRegistry(self?.site ?? '', cluster, settings.leaseSeconds)
      : new StaticRegistry(self?.site ?? '', settings.static),
  inject: [registryConfig.token, { token: EtcdCluster, optional: true }, { token: SERVICE, optional: true }],
};
const witness = {
  provide: LeaderWitness,
  useFactory: (settings: Settings, cluster?: EtcdCluster) =>
    cluster && new PatroniWitness(cluster, settings.patroniScope),
  inject: [registryConfig.token, { token: EtcdCluster, optional: true }],
};

const setAside = {
  provide: SetAsideProbe,
  useFactory: (cluster?: EtcdCluster, self?: Self) =>
    new SetAsideProbe(self?.name ?? '', cluster && new EtcdStore(cluster)),
  inject: [
    { token: EtcdCluster, optional: true },
    { token: SERVICE, optional: true },
  ],
};

/** Provides {@link Registry}, and in etcd mode the {@link LeaderWitness}; registers this instance while it runs. */
@Module({})
export class RegistryModule implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private registration: AsyncDisposable | undefined;

  constructor(
    @InjectConfig(registryConfig) private readonly settings: Settings,
    @Inject(Registry) private readonly registry: Registry,
    @Optional() @Inject(EtcdCluster) private readonly cluster?: EtcdCluster,
    @Optional() @Inject(SERVICE) private readonly self?: Self,
  ) {}

  static forService(): DynamicModule {
    return {
      module: RegistryModule,
      global: true,
      providers: [etcd, registry, witness, setAside],
      exports: [EtcdCluster, Registry, LeaderWitness, SetAsideProbe],
    };
  }

  onApplicationBootstrap(): void {
    const { advertisedUrl: url, weight, version } = this.settings;
    if (!url || !this.self) return;
    const { name, site } = this.self;
    this.registration = this.registry.register({ name, service: serviceOf(name), site, url, weight, version });
  }

  async onModuleDestroy(): Promise<void> {
    await this.registration?.[Symbol.asyncDispose]();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
    this.cluster?.close();
  }
}
