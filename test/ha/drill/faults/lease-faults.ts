import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../support/eventually.js';
import { type Broken, type Fault, type Rig, WITHOUT_PRIMARY_AMPLIFICATION } from '../fault.js';
import { HARM, HARM_TO_OTHERS, none } from './forbidden.js';
import { frozen } from './one-member.js';

const LEADER_GAP_MS = 10_000;
const MISTAKE_GAP_MS = 4_000;
const OVERLOAD_GAP_MS = 10_000;
const VOTE_TIMEOUT_MS = 10_000;
/** Monitors look at the leader twice a second: it is seen to be back. */
const SEEN_BY_MS = 1_500;
/** Beside 50 orders a second a primary would take a fifth of a core. */
const OVERLOADED_CORES = 0.1;
const VOTES = '/twofold/fence/votes/';
const LEADER_KEY = '/service/twofold/leader';

/** What may go wrong while the monitors take the lease of a silent leader of the database. */
export const leaseFaults: readonly Fault[] = [
  {
    name: 'a frozen leader thaws in the middle of the election',
    inject: thawedInElection,
    ...{ holdMs: 10_000, gapMs: LEADER_GAP_MS, maxAmplification: WITHOUT_PRIMARY_AMPLIFICATION },
  },
  {
    name: 'a healthy leader’s lease is revoked by mistake',
    inject: revokedByMistake,
    ...{ holdMs: 10_000, gapMs: MISTAKE_GAP_MS, maxAmplification: WITHOUT_PRIMARY_AMPLIFICATION },
  },
  {
    name: 'a monitor stands still between its vote and the revocation, and the leader is back meanwhile',
    inject: pausedAfterVote,
    ...{ holdMs: 10_000, gapMs: LEADER_GAP_MS, maxAmplification: WITHOUT_PRIMARY_AMPLIFICATION },
  },
  {
    name: 'the leader is overloaded, but lives',
    inject: overloaded,
    ...{ holdMs: 12_000, gapMs: OVERLOAD_GAP_MS, mayFail: true },
  },
];

async function thawedInElection(rig: Rig): Promise<Broken> {
  const startedAtMs = Date.now();
  const leader = await rig.cluster.leader();
  const broken = await frozen(rig, leader);
  await eventually(
    async () => {
      const decisions = await rig.monitors.decisions(startedAtMs);
      if (!decisions.some(({ action }) => action === 'revoke')) throw new Error('No lease was revoked.');
    },
    { timeoutMs: VOTE_TIMEOUT_MS, intervalMs: 50 },
  );
  await rig.victims.thaw([leader]);
  return { what: `${leader} thawed`, heal: () => broken.heal(), verify: none(/^(start|restart|switch) /) };
}

async function revokedByMistake(rig: Rig): Promise<Broken> {
  const found = await etcdctl(rig, 'get', LEADER_KEY, '-w', 'json');
  // Not parsed as JSON: the id has more digits than a double holds.
  const [, lease] = /"lease":\s*(\d+)/.exec(found) ?? [];
  if (lease === undefined) throw new Error('Nobody leads the database.');
  const id = BigInt(lease).toString(16);
  await etcdctl(rig, 'lease', 'revoke', id);
  return { what: `lease ${id} revoked`, heal: async () => {}, verify: none(HARM) };
}

/** One monitor alone votes, is frozen with its vote cast, and may act on it only after the leader has come back. */
async function pausedAfterVote(rig: Rig): Promise<Broken> {
  const leader = await rig.cluster.leader();
  const [voter = '', ...others] = rig.monitors.names;
  await rig.victims.freeze(...others);
  await rig.victims.freeze(leader);
  await eventually(
    async () => {
      const votes = await etcdctl(rig, 'get', '--prefix', '--keys-only', `${VOTES}${leader}/`);
      if (!votes.includes(voter)) throw new Error(`${voter} has not voted.`);
    },
    { timeoutMs: VOTE_TIMEOUT_MS, intervalMs: 100 },
  );
  await rig.victims.freeze(voter);
  await rig.victims.thaw([leader]);
  await pause(SEEN_BY_MS);
  await rig.victims.thaw(rig.monitors.names);
  return {
    what: `${voter} stood still with its vote against ${leader}`,
    heal: async () => {},
    verify: none(HARM_TO_OTHERS),
  };
}

async function overloaded(rig: Rig): Promise<Broken> {
  const leader = await rig.cluster.leader();
  await rig.victims.throttle(leader, OVERLOADED_CORES);
  const bites = async () => {
    const taken = await rig.victims.coresTaken(leader);
    if (taken < OVERLOADED_CORES / 2)
      throw new Error(`${leader} takes ${taken} of a core: too little to be overloaded.`);
  };
  const what = `${leader} on ${OVERLOADED_CORES} of a core`;
  return { what, bites, heal: () => rig.victims.unthrottle(leader), verify: none(HARM) };
}

const etcdctl = ({ victims }: Rig, ...words: string[]): Promise<string> => victims.exec('etcd-2', 'etcdctl', ...words);
