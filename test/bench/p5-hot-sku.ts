import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings } from './bench.js';
import { type Stretch, saturate, twoUniformSkus } from './rig/closed-loop.js';
import { type PgbenchStretch, pgbench } from './rig/pgbench.js';
import { placeOneVariables } from './rig/place-one.js';
import { type Effort, interleave, ratios, sampleOf } from './rig/rounds.js';
import { Shop, skuOf, WITHOUT_EVENTS } from './rig/shop.js';

const CONCURRENCY = 128;
const PGBENCH_CLIENTS = 16;
const HOT = 1;

export const hotSku: Bench = {
  id: 'p5',
  title: 'Everybody wants the same product',
  goal: '≥ 0.9 x the throughput of evenly spread orders when every order takes the same product, with 2 processes; 0 oversold',
  run,
};

/** The hot product and one of the others. */
const withHotSku = (): readonly string[] => [
  skuOf(HOT),
  twoUniformSkus().find((sku) => sku !== skuOf(HOT)) ?? skuOf(HOT + 1),
];

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using shop = await Shop.open({ environment: WITHOUT_EVENTS, orders: 2 });
  const { postgres } = shop;
  const doors = shop.doors.map((url) => new HttpDoor(url));
  const plan = { doors, customers: shop.customers, groups: shop.groups, concurrency: CONCURRENCY };
  const before = await stockOf(shop);
  await saturate({ ...plan, seconds: 3 });
  const reference = (hot: string) => (round: number) => {
    const variables = { ...placeOneVariables(round), hot };
    return pgbench({
      postgres,
      script: 'place-one.sql',
      schema: 'orders',
      clients: PGBENCH_CLIENTS,
      seconds,
      variables,
    });
  };
  const results = await interleave<'uniform' | 'hot' | 'pgbenchUniform' | 'pgbenchHot', Stretch | PgbenchStretch>(
    rounds,
    {
      uniform: () => saturate({ ...plan, seconds, warmUpSeconds: 2 }),
      hot: () => saturate({ ...plan, seconds, warmUpSeconds: 2, skus: withHotSku }),
      pgbenchUniform: reference('0'),
      pgbenchHot: reference('1'),
    },
  );
  for (const door of doors) await door.close();
  const oversold = await oversoldSince(shop, before);
  return findings(results, oversold);
}

type Stock = ReadonlyMap<string, number>;

async function stockOf(shop: Shop): Promise<Stock> {
  const rows = await shop.postgres.query<{ sku: string; available: number }>('SELECT sku, available FROM orders.stock');
  return new Map(rows.map(({ sku, available }) => [sku, available]));
}

/** Pieces sold according to the orders, less those taken from the shelves: 0 unless something was sold twice or lost. */
async function oversoldSince(shop: Shop, before: Stock): Promise<number> {
  const after = await stockOf(shop);
  const rows = await shop.postgres.query<{ sku: string; sold: string }>(
    'SELECT sku, sum(quantity) AS sold FROM orders.order_items GROUP BY sku',
  );
  const sold = new Map(rows.map(({ sku, sold }) => [sku, Number(sold)]));
  const faults = [...before].map(([sku, pieces]) => (sold.get(sku) ?? 0) - (pieces - (after.get(sku) ?? 0)));
  return faults.reduce((sum, fault) => sum + Math.abs(fault), 0);
}

type Results = Record<'uniform' | 'hot' | 'pgbenchUniform' | 'pgbenchHot', readonly { perSecond: number }[]>;

function findings(results: Results, oversold: number): Findings {
  const rates = (name: keyof Results) => results[name].map(({ perSecond }) => perSecond);
  const info = (name: string, unit: string, rounds: number[]) => ({ name, unit, sample: sampleOf(rounds) });
  return {
    measures: [
      { ...info('hot / uniform throughput', 'x', ratios(rates('hot'), rates('uniform'))), limit: 0.9, good: 'above' },
      { ...info('pieces oversold or lost', '', [oversold]), limit: 0 },
      info('ours, uniform', '/s', rates('uniform')),
      info('ours, hot', '/s', rates('hot')),
      info('pgbench, hot / uniform throughput', 'x', ratios(rates('pgbenchHot'), rates('pgbenchUniform'))),
    ],
    notes: [
      `Two processes of the order service in turn, ${CONCURRENCY} customers who wait for their answers; two products an order: two of 1,000 (uniform), or the hot one and another (hot).`,
      'Oversold: for each product, pieces in order_items less pieces gone from stock, over the whole bench, pgbench included.',
    ],
  };
}
