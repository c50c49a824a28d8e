import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import { freePort } from '../support/free-port.js';
import type { Bench, Findings } from './bench.js';
import { type Stretch, saturate } from './rig/closed-loop.js';
import { type Effort, interleave, ratios, sampleOf } from './rig/rounds.js';
import { ServiceProcess } from './rig/service-process.js';
import { Shop, WITHOUT_EVENTS } from './rig/shop.js';

const CONCURRENCY = 128;
/** The peer is fastest with about as many customers as it has connections. */
const PEER_CONCURRENCY = 32;

export const usualStack: Bench = {
  id: 'p2',
  title: 'CPU per order beside the usual stack',
  goal: '≥ 15 x less CPU per order than the same service written with Nest, Express, class-validator and TypeORM save',
  run,
};

async function startPeer(shop: Shop): Promise<{ peer: ServiceProcess; door: HttpDoor }> {
  const { postgres } = shop;
  await postgres.query('CREATE SCHEMA peer AUTHORIZATION twofold_owner');
  const port = await freePort();
  const peer = await ServiceProcess.start({
    name: 'peer',
    script: 'dist/test/bench/peers/typeorm-express/main.js',
    logFolder: shop.folder,
    environment: {
      AUTH_JWKS_FILE: `${shop.folder}/jwks.json`,
      PEER_PORT: String(port),
      PEER_DATABASE_URL: postgres.url('twofold_owner'),
    },
  });
  await postgres.query(
    `INSERT INTO peer.product (sku, "unitPriceMinor", available) SELECT sku, unit_price_minor, available FROM orders.stock`,
  );
  return { peer, door: new HttpDoor(`http://127.0.0.1:${port}`) };
}

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using shop = await Shop.open({ environment: WITHOUT_EVENTS });
  const { peer, door } = await startPeer(shop);
  await using _peer = peer;
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const { customers } = shop;
  const postgres = [shop.postgres.pid];
  const theirs = { doors: [door], customers, groups: { app: [peer.pid], postgres }, concurrency: PEER_CONCURRENCY };
  const ours = { doors, customers, groups: shop.groups, concurrency: CONCURRENCY };
  await saturate({ ...ours, seconds: 3 });
  await saturate({ ...theirs, seconds: 5 });
  const results = await interleave(rounds, {
    twofold: () => saturate({ ...ours, seconds, warmUpSeconds: 2 }),
    peer: () => saturate({ ...theirs, seconds, warmUpSeconds: 2 }),
  });
  for (const each of [door, ...doors]) await each.close();
  return findings(results);
}

const totalOf = ({ cpuUs }: Stretch): number => (cpuUs.app ?? 0) + (cpuUs.postgres ?? 0);

function findings({ twofold, peer }: { twofold: Stretch[]; peer: Stretch[] }): Findings {
  const info = (name: string, unit: string, rounds: number[]) => ({ name, unit, sample: sampleOf(rounds) });
  return {
    measures: [
      {
        ...info('peer / ours, app + Postgres per order', 'x', ratios(peer.map(totalOf), twofold.map(totalOf))),
        limit: 15,
        good: 'above',
      },
      info('ours: app + Postgres per order', 'µs', twofold.map(totalOf)),
      info('peer: app + Postgres per order', 'µs', peer.map(totalOf)),
      info(
        'peer: app',
        'µs',
        peer.map(({ cpuUs }) => cpuUs.app ?? 0),
      ),
      info(
        'peer: Postgres',
        'µs',
        peer.map(({ cpuUs }) => cpuUs.postgres ?? 0),
      ),
      info(
        'ours: orders per second',
        '/s',
        twofold.map(({ perSecond }) => perSecond),
      ),
      info(
        'peer: orders per second',
        '/s',
        peer.map(({ perSecond }) => perSecond),
      ),
    ],
    notes: [
      'The peer is test/bench/peers/typeorm-express: the same rows, validation, tokens and durability on the same server.',
      `One process each; ours with ${CONCURRENCY} customers who wait for their answers, the peer with ${PEER_CONCURRENCY}, twice its 16 connections.`,
      'Warm-up: 3 s for ours, 5 s for the peer, then 2 s before each round. The relay is off.',
    ],
    details: { failed: { twofold: twofold.map(({ failed }) => failed), peer: peer.map(({ failed }) => failed) } },
  };
}
