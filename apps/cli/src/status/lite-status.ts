import { connect } from 'node:net';
import type { ServiceStatus, SystemStatus } from '#libs/contracts';
import type { Instance, LiteName } from '../lite/instance.js';
import { isAlive } from '../lite/process-table.js';
import { frontDoors, planServices, providers } from '../lite/service-plan.js';
import { runningState } from '../lite/state-file.js';

type Health = ServiceStatus['health'];

/** A service that answers later than this is as good as down for its customers. */
const CHECK_TIMEOUT_MS = 1_500;
/** SSLRequest: length 8, code 80877103. Postgres answers one byte, without log-in. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** What runs and how it is, by asking each process; whatever is dead, there is an answer. */
export async function liteStatus(instance: Instance): Promise<SystemStatus> {
  const recorded = new Map(runningState(instance)?.services.map((service) => [service.name, service]));
  const planned = planServices(instance).map(({ name, group, site }) => ({
    name,
    group,
    site,
    url: instance.url(name),
  }));
  const postgres = { name: 'pg-1', group: 'postgres', site: 'seoul' } as const;
  const services = [...planned, postgres].map(async (service): Promise<ServiceStatus> => {
    const pid = recorded.get(service.name)?.pid;
    if (pid === undefined || !isAlive(pid)) return { ...service, health: 'down' };
    return { ...service, pid, health: await healthOf(instance, service.name) };
  });
  return {
    mode: 'lite',
    frontDoors: frontDoors(instance),
    dashboards: [instance.url('monitor-1')],
    providers: providers(instance),
    services: await Promise.all(services),
  };
}

/** @returns `down` when it does not answer in time */
export function healthOf(instance: Instance, name: LiteName): Promise<Health> {
  return name === 'pg-1' ? postgresHealth(instance.port(name)) : serviceHealth(instance.url(name));
}

async function serviceHealth(url: string): Promise<Health> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
    const { status } = (await response.json()) as { status?: string };
    if (!response.ok) return 'down';
    return status === 'degraded' ? 'degraded' : 'up';
  } catch {
    return 'down';
  }
}

function postgresHealth(port: number): Promise<Health> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(SSL_REQUEST));
    const settle = (health: Health) => () => {
      socket.destroy();
      resolve(health);
    };
    socket.setTimeout(CHECK_TIMEOUT_MS, settle('down'));
    socket.once('error', settle('down'));
    socket.once('close', settle('down'));
    socket.once('data', settle('up'));
  });
}
