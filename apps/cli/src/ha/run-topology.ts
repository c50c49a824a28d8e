import { curlLine } from '../lite/welcome.js';
import { startTopology } from './start-topology.js';
import { dashboardsOf, frontDoorsOf, providersOf, type Topology } from './topology.js';

/** Starts a topology, says where it is, and leaves it running: its engine keeps it so, not this process. */
export async function runTopology(topology: Topology): Promise<void> {
  const startedMs = Date.now();
  const confirmedMs = await startTopology(topology);
  process.stdout.write(await welcomeOf(topology, Date.now() - startedMs, confirmedMs));
}

async function welcomeOf(topology: Topology, tookMs: number, confirmedMs: number): Promise<string> {
  const [door = ''] = frontDoorsOf(topology);
  const dashboards = dashboardsOf(topology);
  const seconds = (tookMs / 1000).toFixed(1);
  return `
Twofold (${topology.mode}) is up after ${seconds} s: an order was placed, paid and confirmed in ${confirmedMs} ms.

  front doors   ${frontDoorsOf(topology).join('   ')}   (/docs describes the shop)
${dashboards.length > 0 ? `  dashboards    ${dashboards.join('   ')}\n` : ''}  providers     ${providersOf(topology)
    .map(({ name, url }) => `${name} ${url}`)
    .join('   ')}
  logs          docker logs ${topology.project}-order-1-1

Place an order of your own:

${await curlLine(topology.instance, door)}

It runs on in the background, until npm stop. Then: npm run status · docker kill ${topology.project}-pg-1-1 and order again
`;
}
