import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { ServiceGroup } from '#libs/contracts';
import type { Instance, LiteName } from './instance.js';
import { secretPath } from './secrets.js';

/** One process of the lite topology, engines aside. */
export type ServicePlan = {
  readonly name: LiteName;
  readonly group: ServiceGroup;
  readonly site: 'seoul' | 'tokyo';
  readonly app: string;
  /** Upper bound of the JavaScript heap, in MB. */
  readonly heapMb: number;
  readonly environment: Readonly<Record<string, string>>;
};

const HOST = '127.0.0.1';
/** Per process. Each open session costs Postgres 7 MB, so idle ones are closed. */
const MAX_CONNECTIONS = '20';
const IDLE_CONNECTIONS = '5';

/** The processes that `up` starts, in the order in which they start. */
export function planServices(instance: Instance): ServicePlan[] {
  return [
    psp(instance, 'psp-acme', 'seoul'),
    psp(instance, 'psp-borealis', 'tokyo'),
    payment(instance, 'payment-1', 'seoul'),
    payment(instance, 'payment-2', 'tokyo'),
    order(instance, 'order-1', 'seoul'),
    order(instance, 'order-2', 'tokyo'),
    monitor(instance),
  ];
}

/** Addresses that customers use. */
export const frontDoors = (instance: Instance): string[] => [instance.url('order-1'), instance.url('order-2')];

/** The payment providers outside of the system. */
export const providers = (instance: Instance): { name: string; url: string }[] =>
  (['psp-acme', 'psp-borealis'] as const).map((name) => ({ name, url: instance.url(name) }));

function psp(instance: Instance, name: 'psp-acme' | 'psp-borealis', site: ServicePlan['site']): ServicePlan {
  return {
    name,
    site,
    group: 'psp',
    app: 'psp-simulator',
    heapMb: 128,
    environment: {
      ...common(instance, name, site),
      SIMULATOR_DATA_FOLDER: join(instance.folder, name),
      SIMULATOR_WEBHOOK_URLS: [instance.url('payment-1'), instance.url('payment-2')]
        .map((url) => `${url}/webhooks`)
        .join(','),
      SIMULATOR_WEBHOOK_SECRET_FILE: secretPath(instance, 'webhook-secret'),
    },
  };
}

function payment(instance: Instance, name: 'payment-1' | 'payment-2', site: ServicePlan['site']): ServicePlan {
  return {
    name,
    site,
    group: 'payment',
    app: 'payment',
    heapMb: 160,
    environment: {
      ...common(instance, name, site),
      ...databaseEnvironment(instance, 'payments'),
      PROVIDERS_ENDPOINTS: providers(instance)
        .map(({ name: provider, url }) => `${provider}=${url}`)
        .join(','),
      PROVIDERS_WEBHOOK_SECRET_FILE: secretPath(instance, 'webhook-secret'),
    },
  };
}

function order(instance: Instance, name: 'order-1' | 'order-2', site: ServicePlan['site']): ServicePlan {
  return {
    name,
    site,
    group: 'order',
    app: 'order',
    heapMb: 192,
    environment: { ...common(instance, name, site), ...databaseEnvironment(instance, 'orders') },
  };
}

function monitor(instance: Instance): ServicePlan {
  const watched = (['order-1', 'order-2', 'payment-1', 'payment-2', 'psp-acme', 'psp-borealis'] as const).map(
    (name) => `${name}@${siteOf(name)}=${instance.url(name)}#${instance.managementPort(name)}`,
  );
  return {
    name: 'monitor-1',
    site: 'seoul',
    group: 'monitor',
    app: 'health-monitor',
    heapMb: 96,
    environment: {
      ...common(instance, 'monitor-1', 'seoul'),
      ...databaseEnvironment(instance, 'monitor'),
      MONITOR_TARGETS: [...watched, `pg-1@seoul=tcp://${HOST}:${instance.port('pg-1')}`].join(','),
      MONITOR_FRONT_DOORS: frontDoors(instance).join(','),
      MONITOR_SYNTHETIC_TOKEN_FILE: secretPath(instance, 'synthetic-token'),
      MONITOR_DATA_FOLDER: join(instance.folder, 'monitor'),
      MONITOR_LAUNCHER_STATE: join(instance.folder, 'state.json'),
    },
  };
}

const siteOf = (name: LiteName): string => (/-2$|borealis/.test(name) ? 'tokyo' : 'seoul');

function common(instance: Instance, name: LiteName, site: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    SERVICE_NAME: name,
    SERVICE_SITE: site,
    SERVICE_MODE: 'lite',
    HTTP_HOST: HOST,
    HTTP_PORT: String(instance.port(name)),
    HTTP_MANAGEMENT_PORT: String(instance.managementPort(name)),
    MESSAGING_BUS: 'embedded',
    REDIS_MODE: 'memory',
    REGISTRY_MODE: 'static',
    REGISTRY_STATIC: `payment-1@seoul=${instance.url('payment-1')},payment-2@tokyo=${instance.url('payment-2')}`,
    AUTH_JWKS_FILE: secretPath(instance, 'jwks.json'),
  };
}

/** Settings by which a process reaches Postgres as the role of a schema. */
export function databaseEnvironment(instance: Instance, schema: 'orders' | 'payments' | 'monitor' | 'checker') {
  return {
    DATABASE_NODES: `pg-1@seoul=${HOST}:${instance.port('pg-1')}`,
    DATABASE_NAME: 'twofold',
    DATABASE_USER: `twofold_${schema}`,
    DATABASE_PASSWORD_FILE: secretPath(instance, `database-${schema}`),
    DATABASE_MAX_CONNECTIONS: MAX_CONNECTIONS,
    DATABASE_IDLE_CONNECTIONS: IDLE_CONNECTIONS,
  };
}

/** Settings of the processes that change the database's shape: migrations and the catalogue. */
export function ownerEnvironment(instance: Instance, schema: 'orders' | 'payments') {
  return {
    NODE_ENV: 'production',
    SERVICE_NAME: `${schema}-task`,
    SERVICE_SITE: 'seoul',
    SERVICE_MODE: 'lite',
    ...databaseEnvironment(instance, schema),
    DATABASE_OWNER_USER: 'twofold_owner',
    DATABASE_OWNER_PASSWORD_FILE: secretPath(instance, 'database-owner'),
  };
}

/**
 * What `up --drill` adds to a service's environment, read at each of its starts: `drill/<name>.env` as long as it lies
 * there, and `drill/<name>.once.env` for one start, so that a crash point does not kill the successor too.
 */
export function drillEnvironmentOf(instance: Instance, name: string): Record<string, string> {
  const once = join(instance.folder, 'drill', `${name}.once.env`);
  const environment = { ...readEnv(join(instance.folder, 'drill', `${name}.env`)), ...readEnv(once) };
  rmSync(once, { force: true });
  return environment;
}

function readEnv(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
}
