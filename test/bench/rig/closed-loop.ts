import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpDoor } from '../../../apps/cli/src/load/http-door.js';
import type { Customer } from '../../../apps/cli/src/load/reference-client.js';
import { cpuBetween, type ProcessGroups, readCpu } from './cpu.js';
import { PRODUCTS, skuOf } from './shop.js';

/** What a stretch of load came to. */
export type Stretch = {
  readonly orders: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** CPU by group of processes, in µs per order. */
  readonly cpuUs: Record<string, number>;
  /** CPU of the generator, in µs per order. */
  readonly generatorUs: number;
  readonly p99Ms: number;
};

export type ClosedLoop = {
  readonly doors: readonly HttpDoor[];
  readonly customers: readonly Customer[];
  readonly groups: ProcessGroups;
  readonly concurrency: number;
  readonly seconds: number;
  readonly warmUpSeconds?: number;
  /** SKUs of one order. @default two different ones, all equally likely */
  readonly skus?: () => readonly string[];
};

/** Two different products, every one as likely as the other. */
export function twoUniformSkus(): readonly string[] {
  const first = Math.floor(Math.random() * PRODUCTS);
  const second = (first + 1 + Math.floor(Math.random() * (PRODUCTS - 1))) % PRODUCTS;
  return [skuOf(first + 1), skuOf(second + 1)];
}

/** Posts orders from `concurrency` customers who each wait for their answer: what the service can do when it is never idle. */
export async function saturate(plan: ClosedLoop): Promise<Stretch> {
  const state = { running: true, orders: 0, failed: 0, latencies: [] as number[], turn: 0 };
  const shoppers = Array.from({ length: plan.concurrency }, () => shop(plan, state));
  await sleep((plan.warmUpSeconds ?? 1) * 1_000);
  const before = {
    cpu: readCpu(plan.groups),
    own: process.cpuUsage(),
    orders: state.orders,
    failed: state.failed,
    atMs: performance.now(),
  };
  state.latencies.length = 0;
  await sleep(plan.seconds * 1_000);
  const cpu = cpuBetween(before.cpu, readCpu(plan.groups));
  const own = process.cpuUsage(before.own);
  const orders = state.orders - before.orders;
  const failed = state.failed - before.failed;
  const seconds = (performance.now() - before.atMs) / 1_000;
  const latencies = state.latencies.slice().sort((a, b) => a - b);
  state.running = false;
  await Promise.all(shoppers);
  if (orders === 0) throw new Error(`No order was placed in ${plan.seconds} s; ${failed} requests failed.`);
  return {
    orders,
    failed,
    seconds,
    perSecond: orders / seconds,
    cpuUs: Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, (ms * 1_000) / orders])),
    generatorUs: (own.user + own.system) / (orders + failed),
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

type LoopState = { running: boolean; orders: number; failed: number; latencies: number[]; turn: number };

async function shop(plan: ClosedLoop, state: LoopState): Promise<void> {
  while (state.running) {
    const turn = state.turn++;
    const door = plan.doors[turn % plan.doors.length] as HttpDoor;
    const customer = plan.customers[turn % plan.customers.length] as Customer;
    const sinceMs = performance.now();
    const status = await placeOnce(door, customer, (plan.skus ?? twoUniformSkus)());
    state.latencies.push(performance.now() - sinceMs);
    if (status === 201) state.orders += 1;
    else state.failed += 1;
  }
}

/** One attempt to place an order; 0 when there was no answer. */
export async function placeOnce(door: HttpDoor, customer: Customer, skus: readonly string[]): Promise<number> {
  const body = JSON.stringify({ items: skus.map((sku) => ({ sku, quantity: 1 })), paymentToken: 'tok_ok' });
  const headers = {
    authorization: `Bearer ${customer.token}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const answer = await door.call({ method: 'POST', path: '/orders', headers, body }, 10_000).catch(() => undefined);
  return answer?.status ?? 0;
}
