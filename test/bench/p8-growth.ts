import { HttpDoor } from '../../apps/cli/src/load/http-door.js';
import type { Bench, Findings } from './bench.js';
import { type Stretch, saturate } from './rig/closed-loop.js';
import { fillOrders } from './rig/fill.js';
import { type Effort, interleave, ratios, sampleOf } from './rig/rounds.js';
import { Shop, WITHOUT_EVENTS } from './rig/shop.js';

const FEW = 50_000;
const MANY = Number(process.env.BENCH_MANY_ORDERS ?? 5_000_000);
const CONCURRENCY = 64;
const FIRST_ORDERS = 10_000;

export const growth: Bench = {
  id: 'p8',
  title: 'Growth: 50 thousand and 5 million orders',
  goal: 'CPU per order ≤ 1.1 x, p99 ≤ 1.2 x, WAL per order ≤ 1.5 x from checkpoint to checkpoint and ≤ 2.5 x for the first 10,000 orders after one',
  run,
};

/** Images of pages after a checkpoint are compressed, as in the ha topology; the embedded server knows no lz4. */
const POSTGRES = { wal_compression: 'pglz' };

async function run({ rounds, seconds }: Effort): Promise<Findings> {
  await using few = await Shop.open({ environment: WITHOUT_EVENTS, postgres: POSTGRES });
  await using many = await Shop.open({ environment: WITHOUT_EVENTS, postgres: POSTGRES });
  await fillOrders(few.postgres, FEW);
  await fillOrders(many.postgres, MANY);
  const contestants = { few: new Contestant(few), many: new Contestant(many) };
  for (const each of Object.values(contestants)) await each.begin();
  const results = await interleave(rounds, {
    few: () => contestants.few.saturate(seconds),
    many: () => contestants.many.saturate(seconds),
  });
  const wal = { few: await contestants.few.end(), many: await contestants.many.end() };
  return findings(results, wal);
}

type Wal = { firstBytes: number; wholeBytes: number; orders: number };

class Contestant {
  private readonly doors: HttpDoor[];
  private checkpointAt = '0/0';
  private ordersAtCheckpoint = 0;
  private firstBytes = 0;

  constructor(private readonly shop: Shop) {
    this.doors = shop.doors.map((url) => new HttpDoor(url));
  }

  /** Warms up, makes a checkpoint, and counts the log of the first orders after it. */
  async begin(): Promise<void> {
    await this.saturate(3);
    await this.shop.postgres.query('CHECKPOINT');
    this.checkpointAt = await this.walAt();
    this.ordersAtCheckpoint = await this.orders();
    while ((await this.orders()) - this.ordersAtCheckpoint < FIRST_ORDERS) await this.saturate(1, 0);
    this.firstBytes = (await this.walSince(this.checkpointAt)) / ((await this.orders()) - this.ordersAtCheckpoint);
  }

  saturate(seconds: number, warmUpSeconds = 1): Promise<Stretch> {
    const { customers, groups } = this.shop;
    return saturate({ doors: this.doors, customers, groups, concurrency: CONCURRENCY, seconds, warmUpSeconds });
  }

  async end(): Promise<Wal> {
    const orders = (await this.orders()) - this.ordersAtCheckpoint;
    const wholeBytes = (await this.walSince(this.checkpointAt)) / orders;
    for (const door of this.doors) await door.close();
    return { firstBytes: this.firstBytes, wholeBytes, orders };
  }

  /** Rows ever written: counting them all would read the whole table. */
  private async orders(): Promise<number> {
    const [row] = await this.shop.postgres.query<{ n: string }>('SELECT orders.last_outbox_id() AS n');
    return Number(row?.n);
  }

  private async walAt(): Promise<string> {
    const [row] = await this.shop.postgres.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
    return row?.lsn ?? '0/0';
  }

  private async walSince(lsn: string): Promise<number> {
    const [row] = await this.shop.postgres.query<{ bytes: string }>(
      'SELECT pg_current_wal_insert_lsn() - $1::pg_lsn AS bytes',
      [lsn],
    );
    return Number(row?.bytes);
  }
}

function findings(results: { few: Stretch[]; many: Stretch[] }, wal: { few: Wal; many: Wal }): Findings {
  const cpu = (stretches: Stretch[]) => stretches.map(({ cpuUs }) => (cpuUs.app ?? 0) + (cpuUs.postgres ?? 0));
  const p99 = (stretches: Stretch[]) => stretches.map(({ p99Ms }) => p99Ms);
  const info = (name: string, unit: string, rounds: number[]) => ({ name, unit, sample: sampleOf(rounds) });
  return {
    measures: [
      { ...info('CPU per order, many / few', 'x', ratios(cpu(results.many), cpu(results.few))), limit: 1.1 },
      { ...info('p99, many / few', 'x', ratios(p99(results.many), p99(results.few))), limit: 1.2 },
      {
        ...info('WAL per order since the checkpoint, many / few', 'x', [wal.many.wholeBytes / wal.few.wholeBytes]),
        limit: 1.5,
      },
      {
        ...info('WAL of the first 10,000 orders after it, many / few', 'x', [wal.many.firstBytes / wal.few.firstBytes]),
        limit: 2.5,
      },
      info('few: CPU per order', 'µs', cpu(results.few)),
      info('many: CPU per order', 'µs', cpu(results.many)),
      info('few: p99', 'ms', p99(results.few)),
      info('many: p99', 'ms', p99(results.many)),
      info('few: WAL per order', 'B', [wal.few.wholeBytes]),
      info('many: WAL per order', 'B', [wal.many.wholeBytes]),
    ],
    notes: [
      `${FEW.toLocaleString('en-US')} and ${MANY.toLocaleString('en-US')} orders with their lines, keys and events, all of today, in two servers side by side; ${CONCURRENCY} customers who wait for their answers.`,
      `WAL is counted from one checkpoint on, over ${wal.few.orders.toLocaleString('en-US')} and ${wal.many.orders.toLocaleString('en-US')} orders: fewer than a real interval has, which is harder. wal_compression = pglz; the ha topology has lz4.`,
    ],
    details: wal,
  };
}
