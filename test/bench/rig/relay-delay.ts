import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { ORDER_EVENTS } from '#libs/contracts';
import type { HttpDoor } from '../../../apps/cli/src/load/http-door.js';
import { runOpenLoop } from '../../../apps/cli/src/load/open-loop.js';
import type { Customer } from '../../../apps/cli/src/load/reference-client.js';
import { placeOnce, twoUniformSkus } from './closed-loop.js';
import type { KafkaBroker } from './kafka-broker.js';
import type { Shop } from './shop.js';

const ARRIVAL_PATIENCE_MS = 30_000;

export type DelayPlan = {
  readonly broker: KafkaBroker;
  readonly door: HttpDoor;
  readonly rounds: number;
  readonly seconds: number;
  readonly perSecond: number;
};

/** Places orders in an open loop and gives back, for each round, the 99th percentile of commit to append in ms. */
export async function commitToBroker(shop: Shop, plan: DelayPlan): Promise<number[]> {
  const appended = new Map<string, number>();
  const kafka = new kafkajs.Kafka({ brokers: [plan.broker.address], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'bench', sessionTimeout: 6_000 });
  await consumer.connect();
  await consumer.subscribe({ topic: ORDER_EVENTS, fromBeginning: false });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const { eventId } = JSON.parse(message.value?.toString() ?? '{}') as { eventId?: string };
      if (eventId !== undefined) appended.set(eventId, Number(message.timestamp));
    },
  });
  await sleep(2_000);
  const p99s: number[] = [];
  for (let round = 0; round < plan.rounds; round++) p99s.push(await roundOf(shop, plan, appended));
  await consumer.disconnect();
  return p99s;
}

async function roundOf(shop: Shop, plan: DelayPlan, appended: Map<string, number>): Promise<number> {
  const [{ id: first } = { id: '0' }] = await shop.postgres.query<{ id: string }>(
    'SELECT orders.last_outbox_id() AS id',
  );
  const { perSecond, seconds, door } = plan;
  const arrivals = Array.from({ length: Math.floor(perSecond * seconds) }, (_, n) => (n * 1_000) / perSecond);
  let turn = 0;
  const perform = async (): Promise<void> => {
    const customer = shop.customers[turn++ % shop.customers.length] as Customer;
    await placeOnce(door, customer, twoUniformSkus());
  };
  await runOpenLoop({ arrivals, perform });
  const rows = await shop.postgres.query<{ id: string; committed: string }>(
    `SELECT event_id AS id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS committed FROM orders.outbox WHERE id > $1`,
    [first],
  );
  const deadline = Date.now() + ARRIVAL_PATIENCE_MS;
  while (rows.some(({ id }) => !appended.has(id)) && Date.now() < deadline) await sleep(100);
  const delays = rows.map(({ id, committed }) => (appended.get(id) ?? Number.POSITIVE_INFINITY) - Number(committed));
  return delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}
