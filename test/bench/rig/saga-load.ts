import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpDoor } from '../../../apps/cli/src/load/http-door.js';
import type { Customer } from '../../../apps/cli/src/load/reference-client.js';
import { placeOnce, twoUniformSkus } from './closed-loop.js';
import { cpuBetween, type ProcessGroups, readCpu } from './cpu.js';
import type { Shop } from './shop.js';

const FINAL_PATIENCE_MS = 60_000;

export type SagaLoad = {
  readonly door: HttpDoor;
  readonly groups: ProcessGroups;
  readonly orders: number;
  readonly perSecond: number;
};

/** What a stretch of sagas came to. */
export type SagaStretch = {
  readonly placed: number;
  /** CPU of each group in ms per order. */
  readonly cpuMs: Record<string, number>;
  /** From the first order to the last confirmation, per second. */
  readonly confirmedPerSecond: number;
};

/** Places so many orders at the rate, and waits until each is CONFIRMED. */
export async function runSagas(shop: Shop, { door, groups, orders, perSecond }: SagaLoad): Promise<SagaStretch> {
  const before = readCpu(groups);
  const confirmedBefore = await confirmed(shop);
  const posts: Promise<number>[] = [];
  const sinceMs = performance.now();
  while (posts.length < orders) {
    const due = Math.min(orders, Math.ceil(((performance.now() - sinceMs) / 1_000) * perSecond));
    while (posts.length < due) {
      const customer = shop.customers[posts.length % shop.customers.length] as Customer;
      posts.push(placeOnce(door, customer, twoUniformSkus()));
    }
    await sleep(5);
  }
  const placed = (await Promise.all(posts)).filter((status) => status === 201).length;
  const deadline = Date.now() + FINAL_PATIENCE_MS;
  while ((await confirmed(shop)) - confirmedBefore < placed) {
    if (Date.now() > deadline) throw new Error('Not every order was confirmed in time.');
    await sleep(200);
  }
  const cpu = Object.entries(cpuBetween(before, readCpu(groups)));
  return {
    placed,
    cpuMs: Object.fromEntries(cpu.map(([name, ms]) => [name, ms / placed])),
    confirmedPerSecond: (placed * 1_000) / (performance.now() - sinceMs),
  };
}

async function confirmed(shop: Shop): Promise<number> {
  const [row] = await shop.postgres.query<{ n: string }>(
    `SELECT count(*) AS n FROM orders.orders WHERE status = 'CONFIRMED'`,
  );
  return Number(row?.n);
}
