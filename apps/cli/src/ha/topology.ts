import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceGroup, serviceGroup } from '#libs/contracts';
import type { Instance } from '../lite/instance.js';

/** A mode that runs in containers. */
export type ContainerMode = 'ha' | 'spof';

/** One container of the topology, as its compose file describes it. */
export type Member = { readonly name: string; readonly group: ServiceGroup; readonly site: string };

/** One topology in containers: what its compose file says, and where this instance of it lies. */
export type Topology = {
  readonly mode: ContainerMode;
  readonly instance: Instance;
  /** Name of the Compose project: prefix of all its containers, networks and volumes. */
  readonly project: string;
  /** Path of the compose file. */
  readonly file: string;
  /** What the compose file reads. */
  readonly environment: Readonly<Record<string, string>>;
  /** Published ports by name, as `edge-1` or `order-1-metrics`. */
  readonly ports: ReadonlyMap<string, number>;
  readonly members: readonly Member[];
};

const HOST = '127.0.0.1';
const FILES = { ha: 'docker-compose.yml', spof: 'infra/compose/spof.yml' } as const;
/** Second number of the addresses of instance 0; each further instance has the next. */
const FIRST_SUBNET = 77;
const PORTS_PER_INSTANCE = 100;

/** Reads the compose file: the topology has no other definition. */
export function topologyOf(instance: Instance, mode: ContainerMode, target = 'production'): Topology {
  const file = join(instance.root, FILES[mode]);
  const text = readFileSync(file, 'utf8');
  const prefix = instance.number === 0 ? 'twofold' : `twofold-${instance.number}`;
  const variables = new Map<string, number>();
  for (const [, name = '', port] of text.matchAll(/\$\{(TWOFOLD_PORT_\w+):-(\d+)\}/g))
    variables.set(name, Number(port) + instance.number * PORTS_PER_INSTANCE);
  const ports = [...variables].map(([name, port]): [string, number] => [memberName(name), port]);
  return {
    ...{ mode, instance, file },
    project: mode === 'ha' ? prefix : `${prefix}-spof`,
    environment: {
      TWOFOLD_PROJECT: prefix,
      TWOFOLD_DATA_FOLDER: instance.folder,
      TWOFOLD_SUBNET: `10.${FIRST_SUBNET + instance.number}`,
      TWOFOLD_TARGET: target,
      ...Object.fromEntries([...variables].map(([name, port]) => [name, String(port)])),
    },
    ports: new Map(ports),
    members: membersOf(text),
  };
}

/** Name of the container of a member. */
export const containerOf = (topology: Topology, member: string): string => `${topology.project}-${member}-1`;

/** Addresses that customers use. */
export const frontDoorsOf = (topology: Topology): string[] => urlsOf(topology, 'edge').map(({ url }) => url);

/** Pages that show how the system is. */
export const dashboardsOf = (topology: Topology): string[] => urlsOf(topology, 'monitor').map(({ url }) => url);

/** The payment providers outside of the system. */
export const providersOf = (topology: Topology): { name: string; url: string }[] => urlsOf(topology, 'psp');

/** Addresses on this machine of all members of a group, as `host:port`. */
export function addressesOf(topology: Topology, group: ServiceGroup): { name: string; address: string }[] {
  return topology.members
    .filter((member) => member.group === group && topology.ports.has(member.name))
    .map(({ name }) => ({ name, address: `${HOST}:${topology.ports.get(name)}` }));
}

/** Where a member is reached from this machine over HTTP, if it is. */
export function urlOf(topology: Topology, { name, group }: Member): string | undefined {
  const speaksHttp = group === 'edge' || group === 'psp' || group === 'monitor';
  const port = topology.ports.get(name);
  return speaksHttp && port !== undefined ? `http://${HOST}:${port}` : undefined;
}

function urlsOf(topology: Topology, group: ServiceGroup): { name: string; url: string }[] {
  return topology.members
    .filter((member) => member.group === group)
    .flatMap((member) => {
      const url = urlOf(topology, member);
      return url === undefined ? [] : [{ name: member.name, url }];
    });
}

/** `TWOFOLD_PORT_PSP_ACME_METRICS` is `psp-acme-metrics`. */
const memberName = (variable: string): string =>
  variable.slice('TWOFOLD_PORT_'.length).toLowerCase().replaceAll('_', '-');

/** Services with the label of a group of ours; one-shot tasks have another. */
function membersOf(text: string): Member[] {
  const services = text.slice(text.search(/^services:/m), text.search(/^networks:/m));
  return services.split(/^(?= {2}[a-z][a-z0-9-]*:$)/m).flatMap((block) => {
    const [, name] = /^ {2}([a-z][a-z0-9-]*):$/m.exec(block) ?? [];
    const group = serviceGroup.safeParse(/^ +twofold\.group: (\S+)$/m.exec(block)?.[1]);
    const [, site = ''] = /^ +twofold\.site: (\S+)$/m.exec(block) ?? [];
    return name !== undefined && group.success ? [{ name, group: group.data, site }] : [];
  });
}
