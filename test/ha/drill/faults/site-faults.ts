import { type Broken, type Fault, type Rig, WITHOUT_PRIMARY_AMPLIFICATION } from '../fault.js';
import { none } from './forbidden.js';

const WITH_LEADER_MS = 10_000;
const WITHOUT_LEADER_MS = 8_000;
const HOLD_MS = 15_000;
const TRIALS = 3;

/** The sites that hold data. */
type Site = 'seoul' | 'tokyo';

export const siteFaults: readonly Fault[] = [
  {
    name: 'the site without the leader is lost, and returns',
    inject: async (rig) => lost(rig, other(await leading(rig))),
    holdMs: HOLD_MS,
    gapMs: WITHOUT_LEADER_MS,
  },
  {
    name: 'the site without the leader is cut off, and returns',
    // The monitor of the cut-off site finds the leader silent and must win no vote with that.
    inject: async (rig) => ({ ...(await cutOff(rig, other(await leading(rig)))), verify: none(/^revoke /) }),
    holdMs: HOLD_MS,
    gapMs: WITHOUT_LEADER_MS,
  },
  {
    name: 'the site of the leader is lost, and returns',
    inject: async (rig) => lost(rig, await leading(rig)),
    ...{ gapMs: WITH_LEADER_MS, trials: TRIALS, maxAmplification: WITHOUT_PRIMARY_AMPLIFICATION },
  },
  {
    name: 'the site of the leader is cut off, and returns',
    inject: async (rig) => cutOff(rig, await leading(rig)),
    // The instance and the door that are cut off still answer, with 503, while one of each works off what waited.
    ...{ gapMs: WITH_LEADER_MS, trials: TRIALS, mayFail: true },
  },
];

const leading = async ({ cluster, system }: Rig): Promise<Site> => system.siteOf(await cluster.leader()) as Site;
const other = (site: Site): Site => (site === 'seoul' ? 'tokyo' : 'seoul');

/** The providers are companies of their own: they belong to no site of ours. */
function ofSite({ system }: Rig, site: Site): string[] {
  const outside = new Set(system.members({ group: 'psp' }));
  return system.members({ site }).filter((member) => !outside.has(member));
}

async function lost(rig: Rig, site: Site): Promise<Broken> {
  const members = ofSite(rig, site);
  await rig.victims.powerOff(members);
  return { what: `${site} lost its power`, heal: () => rig.victims.powerOn(members) };
}

async function cutOff(rig: Rig, site: Site): Promise<Broken> {
  const members = ofSite(rig, site);
  await rig.victims.cutSite(site, members);
  const bites = async () => {
    const dropped = await rig.victims.dropped(members[0] as string);
    if (dropped === 0) throw new Error('The cut dropped nothing.');
  };
  return { what: `${site} cut off`, bites, heal: () => rig.victims.healNetworks(members) };
}
