import { z } from 'zod';
import { type ServiceGroup, serviceGroup } from './status.contract.js';

/** What monitors watch and gates may restart: one process or container. */
export type Target = {
  /** As in `order-1`: what the launcher and the containers call it, too. */
  readonly name: string;
  readonly group: ServiceGroup;
  readonly site: string;
  /** `data`: has a failover of its own (Patroni, Sentinel, KRaft, Raft), to which it is left (R23). */
  readonly tier: 'service' | 'data';
  /** Where it is asked: `http://…` or `tcp://…`. */
  readonly url: URL;
  /** Port of its `/metrics` on the same host, for our own services. */
  readonly metricsPort?: number;
};

/** More targets than this are surely a mistake. */
export const MAX_TARGETS = 100;

const ENTRY = /^([a-z][a-z0-9-]*)@([a-z][a-z0-9-]*)=((?:https?|tcp):\/\/[^\s#]+)(?:#(\d{1,5}))?$/;
const DATA_GROUPS: ReadonlySet<ServiceGroup> = new Set(['postgres', 'etcd', 'redis', 'sentinel', 'kafka']);

/**
 * Reads `order-1@seoul=http://127.0.0.1:8080#9080,pg-1@seoul=tcp://127.0.0.1:8086`; after `#` the port of `/metrics`.
 * @throws Error that names the entry which cannot be read
 */
export function parseTargets(text: string): readonly Target[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const targets = entries.filter((entry) => entry !== '').map(parseTarget);
  if (targets.length > MAX_TARGETS) throw new Error(`name at most ${MAX_TARGETS} targets, not ${targets.length}`);
  if (new Set(targets.map(({ name }) => name)).size !== targets.length) throw new Error('two targets have one name');
  return targets;
}

function parseTarget(entry: string): Target {
  const [, name, site, url, port] = ENTRY.exec(entry) ?? [];
  const group = serviceGroup.safeParse(groupOf(name ?? ''));
  if (!name || !site || !url || !group.success)
    throw new Error(`"${entry}" is not <name>@<site>=<url>, as in order-1@seoul=http://127.0.0.1:8080#9080`);
  const tier = DATA_GROUPS.has(group.data) ? 'data' : 'service';
  return { name, group: group.data, site, tier, url: new URL(url), ...(port && { metricsPort: Number(port) }) };
}

/** `psp-acme` is one of `psp`, `pg-1` of `postgres`. */
const groupOf = (name: string): string => name.replace(/-[a-z0-9]+$/, '').replace(/^pg$/, 'postgres');

/** A setting that lists targets: text in, targets out, with {@link parseTargets}' message where it is wrong. */
export const targetList = z.string().transform((text, context) => {
  try {
    return parseTargets(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
