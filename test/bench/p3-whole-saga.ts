import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings, Measure } from './bench.js';
import { KafkaBroker } from './rig/kafka-broker.js';
import { type Effort, interleave, sampleOf } from './rig/rounds.js';
import { RELAY_OF_HA, sagaGroups, startSaga } from './rig/saga.js';
import { runSagas, type SagaStretch } from './rig/saga-load.js';
import { Shop } from './rig/shop.js';

/** Orders placed per second: a quiet shop, and more than two cores confirm with generator, broker and simulator beside them. */
const RATES = { calm: 200, busy: 1_000 } as const;
const WARM_UP_SECONDS = 5;

export const wholeSaga: Bench = {
  id: 'p3',
  title: 'CPU of the whole saga',
  goal: 'placed → charged → CONFIRMED over one KRaft broker: ≤ 2 ms CPU per order (order, payment and Postgres; broker and simulator apart)',
  run,
};

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using broker = await KafkaBroker.start();
  const messaging = { ...broker.environment, ...RELAY_OF_HA };
  await using shop = await Shop.open({ environment: messaging });
  await using saga = await startSaga(shop, messaging);
  const door = new HttpDoor(shop.doors[0] as string);
  const groups = { ...sagaGroups(shop, saga), broker: [broker.pid] };
  const at = (perSecond: number, lengthSeconds = seconds) =>
    runSagas(shop, { door, groups, orders: perSecond * lengthSeconds, perSecond });
  await at(RATES.calm, WARM_UP_SECONDS);
  const results = await interleave(rounds, { busy: () => at(RATES.busy), calm: () => at(RATES.calm) });
  await door.close();
  return findings(results);
}

function findings({ busy, calm }: Record<keyof typeof RATES, SagaStretch[]>): Findings {
  const [first, ...parts] = measuresOf(`${RATES.busy}/s`, busy);
  return {
    measures: [{ ...(first as Measure), limit: 2 }, ...parts, ...measuresOf(`${RATES.calm}/s`, calm)],
    notes: [
      `${RATES.busy} and ${RATES.calm} orders a second in turn through one order and one payment process, both relays, both consumers and one Kafka broker, until each is CONFIRMED; idle costs and the waiting at the end are in. Relays look every 100 ms, as in the ha topology.`,
      `Events share statements and commits, so a busier shop pays less for each order. Warm-up: ${WARM_UP_SECONDS} s. Webhooks on, everything on.`,
    ],
  };
}

function measuresOf(rate: string, stretches: readonly SagaStretch[]): Measure[] {
  const info = (name: string, unit: string, of: (stretch: SagaStretch) => number): Measure => ({
    name: `${rate}: ${name}`,
    unit,
    sample: sampleOf(stretches.map(of)),
  });
  const group = (name: string) => (stretch: SagaStretch) => stretch.cpuMs[name] ?? 0;
  const ours = (stretch: SagaStretch) =>
    ['app', 'payment', 'postgres'].reduce((sum, name) => sum + group(name)(stretch), 0);
  return [
    info('order + payment + Postgres per saga', 'ms', ours),
    info('order', 'ms', group('app')),
    info('payment', 'ms', group('payment')),
    info('Postgres', 'ms', group('postgres')),
    info('Kafka broker, apart', 'ms', group('broker')),
    info('provider simulator, apart', 'ms', group('simulator')),
    info('confirmed', '/s', ({ confirmedPerSecond }) => confirmedPerSecond),
  ];
}
