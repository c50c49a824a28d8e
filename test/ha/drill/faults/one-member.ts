import { eventually } from '../../../support/eventually.js';
import type { Broken, Rig } from '../fault.js';

const BITES_WITHIN_MS = 3_000;

/** Members that are dead, until the monitor or healing starts them. */
export async function killed({ victims, system }: Rig, ...members: string[]): Promise<Broken> {
  const before = await livesOf(system, members);
  const sinceMs = Date.now();
  await victims.kill(...members);
  return {
    what: `${members.join(' and ')} killed`,
    ...targetOf(members),
    sinceMs,
    bites: () => areNoLonger(system, before),
    heal: () => victims.start(...members),
  };
}

/** Members that accept connections and answer nothing, until the monitor restarts or healing thaws them. */
export async function frozen({ victims, system }: Rig, ...members: string[]): Promise<Broken> {
  const before = await livesOf(system, members);
  const sinceMs = Date.now();
  await victims.freeze(...members);
  return {
    what: `${members.join(' and ')} frozen`,
    ...targetOf(members),
    sinceMs,
    bites: () => areNoLonger(system, before),
    heal: () => victims.healAll(),
  };
}

const targetOf = ([first, ...others]: readonly string[]): Pick<Broken, 'target'> =>
  first !== undefined && others.length === 0 ? { target: first } : {};

/** When each was started. */
async function livesOf(system: Rig['system'], members: readonly string[]): Promise<Map<string, string>> {
  const containers = await system.containers();
  return new Map(
    containers.flatMap(({ service, startedAt }) => (members.includes(service) ? [[service, startedAt] as const] : [])),
  );
}

/** They have exited or stand still, or the monitor was fast and this is another life. */
async function areNoLonger(system: Rig['system'], before: ReadonlyMap<string, string>): Promise<void> {
  await eventually(
    async () => {
      const alive = (await system.containers()).filter(
        ({ service, state, startedAt }) => state === 'running' && before.get(service) === startedAt,
      );
      if (alive.length > 0) throw new Error(`Still running: ${alive.map(({ name }) => name).join(', ')}.`);
    },
    { timeoutMs: BITES_WITHIN_MS, intervalMs: 300 },
  );
}
