import { HttpDoor } from '../../../apps/cli/src/load/http-door.js';
import { KafkaBroker } from '../rig/kafka-broker.js';
import { RELAY_OF_HA, sagaGroups, startSaga } from '../rig/saga.js';
import { runSagas } from '../rig/saga-load.js';
import { Shop } from '../rig/shop.js';
import { COUNTING, countStatements, nowUs, type Profile, ProfileFolder, SECONDS, topStatements } from './profiled.js';

const PER_SECOND = 1_000;
const WARM_UP_SECONDS = 5;

/** Where the CPU of an order's whole way goes: explains P3. */
export async function sagaProfile(): Promise<Profile> {
  using order = new ProfileFolder();
  using payment = new ProfileFolder();
  await using broker = await KafkaBroker.start();
  const messaging = { ...broker.environment, ...RELAY_OF_HA };
  await using shop = await Shop.open({
    environment: messaging,
    postgres: COUNTING,
    nodeFlags: order.nodeFlags,
  });
  await using saga = await startSaga(shop, messaging, payment.nodeFlags);
  const door = new HttpDoor(shop.doors[0] as string);
  const groups = { ...sagaGroups(shop, saga), broker: [broker.pid] };
  const at = (seconds: number) => runSagas(shop, { door, groups, orders: PER_SECOND * seconds, perSecond: PER_SECOND });
  await at(WARM_UP_SECONDS);
  await countStatements(shop.postgres);
  const fromUs = nowUs();
  const { placed, cpuMs } = await at(SECONDS);
  const window = { fromUs, toUs: nowUs() };
  const statements = await topStatements(shop.postgres);
  await door.close();
  await shop.stopOrders();
  await saga[Symbol.asyncDispose]();
  const figures = Object.entries(cpuMs).map(([name, ms]) => `${name} ${(ms * 1_000).toFixed(0)} µs`);
  return {
    title: 'Where the CPU of an order’s whole way goes',
    figures: `${placed} orders at ${PER_SECOND} a second: ${figures.join(', ')} of CPU each (profiler on)`,
    services: [
      { name: 'order', profile: order.read() },
      { name: 'payment', profile: payment.read() },
    ],
    ...{ window, orders: placed, statements },
  };
}
