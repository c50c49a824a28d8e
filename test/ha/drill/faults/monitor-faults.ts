import { type Broken, type Fault, type Rig, WITHOUT_PRIMARY_AMPLIFICATION } from '../fault.js';
import { HARM, HARM_TO_OTHERS, none } from './forbidden.js';
import { frozen, killed } from './one-member.js';

const NO_EFFECT_MS = 2_000;
const ANOTHER_ACTS_WITHIN_MS = 8_000;
const STALL_MS = 5_000;
/** A stall of 5 s, and what it takes to catch up. */
const STALL_GAP_MS = 10_000;
const DARK_MS = 60_000;
/** The last of them is restarted by then, one after the other. */
const RESTARTED_BY_MS = 90_000;
const SOAK_MS = Number(process.env.TWOFOLD_TEST_SOAK_MINUTES ?? 30) * 60_000;

/** The monitors themselves are broken, or see what must not mislead them. */
export const monitorFaults: readonly Fault[] = [
  {
    name: 'the acting monitor is killed',
    inject: async (rig) => actingLost(rig, killed),
    ...{ holdMs: 10_000, gapMs: NO_EFFECT_MS, backWithinMs: ANOTHER_ACTS_WITHIN_MS },
  },
  {
    name: 'the acting monitor is frozen, and thawed under its successor',
    inject: async (rig) => actingLost(rig, frozen),
    ...{ holdMs: 7_500, gapMs: NO_EFFECT_MS, backWithinMs: ANOTHER_ACTS_WITHIN_MS },
  },
  {
    name: 'everything but the monitors stands still for 5 s',
    inject: (rig) =>
      stalled(
        rig,
        rig.system.members().filter((name) => !rig.monitors.names.includes(name)),
      ),
    ...{ holdMs: STALL_MS, gapMs: STALL_GAP_MS, maxAmplification: WITHOUT_PRIMARY_AMPLIFICATION },
  },
  {
    name: 'the monitors stand still for 5 s',
    inject: (rig) => stalled(rig, rig.monitors.names),
    ...{ holdMs: STALL_MS, gapMs: NO_EFFECT_MS },
  },
  {
    name: 'a member of each engine stays dark',
    inject: leftDark,
    ...{ holdMs: RESTARTED_BY_MS, gapMs: STALL_MS, backWithinMs: RESTARTED_BY_MS },
  },
  {
    name: 'nothing is broken for 30 minutes',
    inject: async () => ({ what: 'nothing', heal: async () => {}, verify: none(HARM) }),
    ...{ holdMs: SOAK_MS, gapMs: NO_EFFECT_MS },
  },
];

type Kind = (rig: Rig, ...members: string[]) => Promise<Broken>;

/** Another acts; and whatever the first one still says is not said in a term that is over. */
async function actingLost(rig: Rig, kind: Kind): Promise<Broken> {
  const first = await rig.monitors.acting();
  const isBack = async () => {
    if ((await rig.monitors.acting()) === first) throw new Error(`${first} still acts.`);
  };
  return {
    ...(await kind(rig, first)),
    isBack,
    verify: (decisions, startedAtMs) => {
      const taken = decisions.findIndex(({ action, by }) => action === 'lead' && by !== first);
      const late = decisions.slice(taken).filter(({ by, action }) => by === first && action !== 'lead');
      if (taken < 0 || late.length > 0)
        throw new Error(`${first} went on: ${late.map(({ reason }) => reason).join(' ')}`);
      none(HARM_TO_OTHERS)(decisions, startedAtMs);
    },
  };
}

async function stalled(rig: Rig, members: string[]): Promise<Broken> {
  await rig.victims.freeze(...members);
  return {
    what: `${members.length} containers stand still`,
    heal: () => rig.victims.thaw(members),
    verify: none(HARM),
  };
}

/** Left to their own failover for 60 s, then restarted. */
async function leftDark(rig: Rig): Promise<Broken> {
  const members = [(await rig.cluster.standbys()).at(-1) as string, 'redis-3', 'kafka-3', 'etcd-3'];
  const broken = await killed(rig, ...members);
  const isBack = async () => {
    const dark = (await rig.system.containers()).filter(
      ({ service, state }) => members.includes(service) && state !== 'running',
    );
    if (dark.length > 0) throw new Error(`Dark: ${dark.map(({ name }) => name).join(', ')}.`);
  };
  return {
    ...broken,
    isBack,
    verify: (decisions, startedAtMs) => {
      for (const member of members) {
        const of = decisions.filter(({ target }) => target === member);
        const restarted = of.find(({ action }) => action === 'restart');
        if (of[0]?.action !== 'suspect' || !restarted) throw new Error(`${member} was not reported and restarted.`);
        const afterMs = Date.parse(restarted.at) - startedAtMs;
        if (afterMs < DARK_MS) throw new Error(`${member} was restarted after ${afterMs} ms.`);
      }
    },
  };
}
