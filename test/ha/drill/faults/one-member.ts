import { eventually } from '../../../support/eventually.js';
import type { Broken, Rig } from '../fault.js';

const BITES_WITHIN_MS = 3_000;

/** Members that are dead and stay so until healed. */
export async function killed({ victims, system }: Rig, ...members: string[]): Promise<Broken> {
  await victims.kill(...members);
  return {
    what: `${members.join(' and ')} killed`,
    ...targetOf(members),
    bites: () => areIn('exited', system, members),
    heal: () => victims.start(...members),
  };
}

/** Members that accept connections and answer nothing until healed. */
export async function frozen({ victims, system }: Rig, ...members: string[]): Promise<Broken> {
  await victims.freeze(...members);
  return {
    what: `${members.join(' and ')} frozen`,
    ...targetOf(members),
    bites: () => areIn('paused', system, members),
    heal: () => victims.healAll(),
  };
}

const targetOf = ([first, ...others]: readonly string[]): Pick<Broken, 'target'> =>
  first !== undefined && others.length === 0 ? { target: first } : {};

async function areIn(wanted: string, system: Rig['system'], members: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const containers = await system.containers();
      const others = containers.filter(({ service, state }) => members.includes(service) && state !== wanted);
      if (others.length > 0) throw new Error(`Not ${wanted}: ${others.map(({ name }) => name).join(', ')}.`);
    },
    { timeoutMs: BITES_WITHIN_MS, intervalMs: 300 },
  );
}
