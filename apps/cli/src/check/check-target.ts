import { compose, loadConfig } from '#libs/config';
import { databaseConfig } from '#libs/database';
import { busConfig } from '#libs/messaging';
import { runningMode } from '../ha/running-mode.js';
import { addressesOf, type ContainerMode, providersOf, topologyOf } from '../ha/topology.js';
import type { Instance } from '../lite/instance.js';
import { secretPath } from '../lite/secrets.js';
import { providers } from '../lite/service-plan.js';
import type { CheckTarget } from './run-check.js';

const settings = compose({ database: databaseConfig, messaging: busConfig });

/** The topology of this instance that runs, read as the checker's own role. */
export async function targetOf(instance: Instance): Promise<CheckTarget> {
  const mode = await runningMode(instance);
  return mode === 'ha' || mode === 'spof' ? inContainers(instance, mode) : inLite(instance);
}

function inLite(instance: Instance): CheckTarget {
  const address = new URL(instance.url('pg-1')).host;
  return { ...settingsOf(instance, { DATABASE_NODES: `pg-1@seoul=${address}` }), providers: providers(instance) };
}

function inContainers(instance: Instance, mode: ContainerMode): CheckTarget {
  const topology = topologyOf(instance, mode);
  const sites = new Map(topology.members.map(({ name, site }) => [name, site]));
  const nodes = addressesOf(topology, 'postgres').map(({ name, address }) => `${name}@${sites.get(name)}=${address}`);
  const brokers = addressesOf(topology, 'kafka').map(({ name, address }) => `${name}=${address}`);
  const environment = {
    DATABASE_NODES: nodes.join(','),
    MESSAGING_BUS: 'kafka',
    MESSAGING_BROKERS: brokers.join(','),
  };
  return { ...settingsOf(instance, environment), providers: providersOf(topology) };
}

function settingsOf(instance: Instance, environment: Record<string, string>): Omit<CheckTarget, 'providers'> {
  const { database, messaging } = loadConfig(settings, {
    DATABASE_NAME: 'twofold',
    DATABASE_USER: 'twofold_checker',
    DATABASE_PASSWORD_FILE: secretPath(instance, 'database-checker'),
    ...environment,
  });
  return { database, bus: messaging };
}
