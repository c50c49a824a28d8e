import { eventually } from '../../../support/eventually.js';
import type { Broken, Fault, Rig } from '../fault.js';
import { frozen, killed } from './one-member.js';

/** Orders never wait for Kafka. */
const NO_EFFECT_MS = 2_000;
const KILLED_MS = 6_000;
const FROZEN_MS = 8_000;
const AWAY_MS = 60_000;
const RETURN_TIMEOUT_MS = 60_000;
const CAUGHT_UP_WITHIN_MS = 30_000;
const GROUP = 'resilient-consumer-group.order';

export const kafkaFaults: readonly Fault[] = [
  {
    name: 'a Kafka broker is killed',
    isInShortList: true,
    inject: (rig) => killed(rig, 'kafka-2'),
    ...{ holdMs: 12_000, gapMs: NO_EFFECT_MS, settleGapMs: KILLED_MS },
  },
  {
    name: 'a Kafka broker is frozen',
    isInShortList: true,
    inject: (rig) => frozen(rig, 'kafka-3'),
    ...{ holdMs: 14_000, gapMs: NO_EFFECT_MS, settleGapMs: FROZEN_MS },
  },
  {
    name: 'the group coordinator is killed',
    inject: async (rig) => killed(rig, await rig.cluster.coordinatorOf(GROUP)),
    ...{ holdMs: 14_000, gapMs: NO_EFFECT_MS, settleGapMs: FROZEN_MS },
  },
  {
    name: 'two of three brokers are killed',
    inject: (rig) => killed(rig, 'kafka-1', 'kafka-2'),
    ...{ holdMs: 20_000, gapMs: NO_EFFECT_MS, finalWithinMs: CAUGHT_UP_WITHIN_MS },
  },
  {
    name: 'Kafka is away for 60 s',
    inject: async (rig) => returning(rig, await killed(rig, ...rig.system.members({ group: 'kafka' }))),
    ...{ holdMs: AWAY_MS, gapMs: NO_EFFECT_MS, finalWithinMs: CAUGHT_UP_WITHIN_MS },
  },
];

/** Healed when the brokers answer: from then on the backlog can shrink. Three starting at once beside the load need 8 to 12 s. */
const returning = (rig: Rig, broken: Broken): Broken => ({
  ...broken,
  heal: async () => {
    await broken.heal();
    await eventually(() => rig.cluster.coordinatorOf(GROUP), { timeoutMs: RETURN_TIMEOUT_MS });
  },
});
