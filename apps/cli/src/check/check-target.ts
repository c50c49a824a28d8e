import { compose, loadConfig } from '#libs/config';
import { databaseConfig } from '#libs/database';
import { busConfig } from '#libs/messaging';
import type { Instance } from '../lite/instance.js';
import { secretPath } from '../lite/secrets.js';
import { providers } from '../lite/service-plan.js';
import { runningState } from '../lite/state-file.js';
import type { CheckTarget } from './run-check.js';

const settings = compose({ database: databaseConfig, messaging: busConfig });

const HOST = '127.0.0.1';
/** Ports of the containers on the host, without the instance's shift. */
const HA_NODES = { 'pg-1@seoul': 8086, 'pg-2@seoul': 8087, 'pg-3@tokyo': 8088, 'pg-4@tokyo': 8089 };
const HA_BROKERS = { 'kafka-1': 8093, 'kafka-2': 8094, 'kafka-3': 8095 };
const PORTS_PER_INSTANCE = 100;

/** The system of this instance, read as the checker's own role: lite while its launcher runs, else the containers. */
export function targetOf(instance: Instance): CheckTarget {
  const place = runningState(instance) === undefined ? inContainers(instance) : inLite(instance);
  const { database, messaging } = loadConfig(settings, {
    DATABASE_NAME: 'twofold',
    DATABASE_USER: 'twofold_checker',
    DATABASE_PASSWORD_FILE: secretPath(instance, 'database-checker'),
    ...place,
  });
  return { database, bus: messaging, providers: providers(instance) };
}

const inLite = (instance: Instance): Record<string, string> => ({
  DATABASE_NODES: `pg-1@seoul=${HOST}:${instance.port('pg-1')}`,
});

function inContainers(instance: Instance): Record<string, string> {
  const list = (ports: Record<string, number>): string =>
    Object.entries(ports)
      .map(([name, port]) => `${name}=${HOST}:${port + instance.number * PORTS_PER_INSTANCE}`)
      .join(',');
  return { DATABASE_NODES: list(HA_NODES), MESSAGING_BUS: 'kafka', MESSAGING_BROKERS: list(HA_BROKERS) };
}
