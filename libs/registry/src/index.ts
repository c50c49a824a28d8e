export { EtcdCluster, type EtcdSettings } from './etcd-cluster.js';
export { EtcdFencedLease } from './etcd-fenced-lease.js';
export { FencedLease, SoleLease, type Term } from './fenced-lease.js';
export type { Instance } from './instance.js';
export { PatroniWitness } from './patroni-witness.js';
export { registryConfig } from './registry.config.js';
export { NoAvailableInstance } from './registry.errors.js';
export { RegistryModule } from './registry.module.js';
export { Registry } from './registry.js';
