import type { ServiceStatus, SystemStatus } from '#libs/contracts';
import { kafkaAnswers, postgresAnswers, statusOf } from '../ha/ask.js';
import { type Container, containersOf } from '../ha/containers.js';
import {
  addressesOf,
  dashboardsOf,
  frontDoorsOf,
  type Member,
  providersOf,
  type Topology,
  urlOf,
} from '../ha/topology.js';

type Health = ServiceStatus['health'];

const HEALTH_CHECKS = { healthy: 'up', starting: 'unknown', unhealthy: 'down' } as const;

/** What runs in containers and how it is, by asking what can be reached from here and the engine for the rest. */
export async function haStatus(topology: Topology): Promise<SystemStatus> {
  const containers = new Map((await containersOf(topology)).map((container) => [container.service, container]));
  const services = topology.members.map(async (member): Promise<ServiceStatus> => {
    const { name, group, site } = member;
    const container = containers.get(name);
    const url = urlOf(topology, member);
    const service = { name, group, site, ...(url !== undefined && { url }) };
    if (container === undefined) return { ...service, health: 'down' };
    const seen = { ...service, container: container.name };
    if (container.pid === undefined) return { ...seen, health: 'down' };
    return { ...seen, pid: container.pid, health: await healthOf(topology, member, container) };
  });
  return {
    mode: topology.mode,
    frontDoors: frontDoorsOf(topology),
    dashboards: dashboardsOf(topology),
    providers: providersOf(topology),
    services: await Promise.all(services),
  };
}

/** A frozen container is `down`: it answers nobody. */
async function healthOf(topology: Topology, member: Member, container: Container): Promise<Health> {
  if (container.state !== 'running') return 'down';
  const own = addressesOf(topology, member.group).find(({ name }) => name === member.name);
  if (own !== undefined) return await askedHealth(member, own.address);
  const metrics = topology.ports.get(`${member.name}-metrics`);
  if (metrics !== undefined) return (await statusOf(`http://127.0.0.1:${metrics}/metrics`)) === 200 ? 'up' : 'down';
  return container.health === undefined ? 'up' : HEALTH_CHECKS[container.health];
}

async function askedHealth({ group }: Member, address: string): Promise<Health> {
  if (group === 'postgres') return (await postgresAnswers(address)) ? 'up' : 'down';
  if (group === 'kafka') return (await kafkaAnswers(address)) ? 'up' : 'down';
  const status = await statusOf(`http://${address}/health/ready`);
  if (status === 200) return 'up';
  // A front door that says that nobody is behind it is alive itself.
  return status === 503 && group === 'edge' ? 'degraded' : 'down';
}
