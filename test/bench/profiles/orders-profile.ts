import { HttpDoor } from '../../../apps/cli/src/load/http-door.js';
import { saturate } from '../rig/closed-loop.js';
import { Shop, WITHOUT_EVENTS } from '../rig/shop.js';
import { COUNTING, countStatements, nowUs, type Profile, ProfileFolder, SECONDS, topStatements } from './profiled.js';

const CONCURRENCY = 128;
const WARM_UP_SECONDS = 2;

/** Where the CPU of POST /orders goes: explains P1 and P2. */
export async function ordersProfile(): Promise<Profile> {
  using folder = new ProfileFolder();
  await using shop = await Shop.open({
    environment: WITHOUT_EVENTS,
    postgres: COUNTING,
    nodeFlags: folder.nodeFlags,
  });
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const plan = { doors, customers: shop.customers, groups: shop.groups, concurrency: CONCURRENCY };
  await saturate({ ...plan, seconds: WARM_UP_SECONDS });
  await countStatements(shop.postgres);
  const fromUs = nowUs();
  const { orders, cpuUs } = await saturate({ ...plan, seconds: SECONDS, warmUpSeconds: 0 });
  const window = { fromUs, toUs: nowUs() };
  const statements = await topStatements(shop.postgres);
  for (const door of doors) await door.close();
  await shop.stopOrders();
  const figures = Object.entries(cpuUs).map(([name, us]) => `${name} ${us.toFixed(1)} µs`);
  return {
    title: 'Where the CPU of POST /orders goes',
    figures: `${orders} orders at concurrency ${CONCURRENCY}: ${figures.join(', ')} of CPU each (profiler on)`,
    services: [{ name: 'order', profile: folder.read() }],
    ...{ window, orders, statements },
  };
}
