import type { Broken, Fault, Rig } from '../fault.js';
import { frozen, killed } from './one-member.js';

const NO_EFFECT_MS = 2_000;
const BACK_WITHIN_MS = 8_000;
const HOLD_MS = 10_000;

export const redisFaults: readonly Fault[] = [
  {
    name: 'the Redis master is killed',
    isInShortList: true,
    inject: async (rig) => masterLost(rig, killed),
    ...{ holdMs: HOLD_MS, gapMs: NO_EFFECT_MS, backWithinMs: BACK_WITHIN_MS },
  },
  {
    name: 'the Redis master is frozen',
    isInShortList: true,
    inject: async (rig) => masterLost(rig, frozen),
    ...{ holdMs: HOLD_MS, gapMs: NO_EFFECT_MS, backWithinMs: BACK_WITHIN_MS },
  },
  {
    name: 'all of Redis is killed',
    inject: (rig) =>
      killed(rig, ...rig.system.members({ group: 'redis' }), ...rig.system.members({ group: 'sentinel' })),
    ...{ holdMs: 15_000, gapMs: NO_EFFECT_MS },
  },
];

type Kind = (rig: Rig, ...members: string[]) => Promise<Broken>;

async function masterLost(rig: Rig, kind: Kind): Promise<Broken> {
  const before = await rig.cluster.redisMaster();
  const isBack = async () => {
    const now = await rig.cluster.redisMaster();
    if (now === before) throw new Error(`${before} is still called master.`);
    await Promise.all(rig.system.members({ group: 'order' }).map((name) => redisReady(rig, name)));
  };
  return { ...(await kind(rig, before)), isBack };
}

async function redisReady({ system }: Rig, member: string): Promise<void> {
  const port = system.topology.ports.get(`${member}-metrics`);
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(1_000) });
  if (!/^twofold_redis_ready\b.* 1$/m.test(await response.text())) throw new Error(`${member} is without Redis.`);
}
