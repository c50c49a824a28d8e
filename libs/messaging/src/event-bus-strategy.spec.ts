import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type EventEnvelope, ORDER_EVENTS, paymentIdOf, uuidv7 } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { RequestContext } from '#libs/telemetry';
import { type BusRecord, EventBus, type RecordHandler } from './event-bus.js';
import { BusContext, EventBusStrategy } from './event-bus-strategy.js';
import { isPoison } from './poison.js';

const seen: { event: EventEnvelope; offset: string; correlationId: string }[] = [];

/* oxlint-disable typescript/no-unnecessary-type-arguments -- without <string> TypeScript takes Nest's overload for event maps */
@Controller()
class Consumer {
  @EventPattern<string>('order.confirmed')
  async confirmed(@Payload() event: EventEnvelope, @Ctx() context: BusContext): Promise<void> {
    const { correlationId } = RequestContext.current();
    seen.push({ event, offset: context.record.offset, correlationId });
  }

  @EventPattern<string>('order.cancelled')
  async cancelled(): Promise<void> {
    throw Object.assign(new Error('duplicate key'), { code: '23505' });
  }
}

class ManualBus extends EventBus {
  onRecord: RecordHandler | undefined;
  closed = false;

  override async publish(): Promise<void> {}
  override async subscribe(_group: string, _topics: readonly string[], onRecord: RecordHandler) {
    this.onRecord = onRecord;
    return { lanes: 12, stuck: [], close: async () => void (this.closed = true) };
  }
  override health() {
    return { status: 'up' as const, details: {} };
  }
  override async close(): Promise<void> {}
}

const orderId = uuidv7();
const payload = { orderId, paymentId: paymentIdOf(orderId), customerId: 'c', currency: 'KRW', totalMinor: 1 };
const record = (value: unknown): BusRecord => ({
  topic: ORDER_EVENTS,
  lane: 0,
  offset: '7',
  eventId: uuidv7(),
  key: orderId,
  value: typeof value === 'string' ? value : JSON.stringify(value),
  attempt: 1,
});
const envelope = (type: string, more: object = {}) => ({
  eventId: uuidv7(),
  type,
  version: 1,
  aggregateId: orderId,
  seq: 1,
  occurredAt: new Date().toISOString(),
  correlationId: 'who-asked',
  payload: { ...payload, ...more },
});

describe(EventBusStrategy.name, () => {
  const bus = new ManualBus();
  let app: INestApplication;
  const deliver = (value: unknown): Promise<void> => (bus.onRecord as RecordHandler)(record(value));
  const failureOf = (value: unknown): Promise<unknown> =>
    deliver(value).then(
      () => undefined,
      (error: unknown) => error,
    );

  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [Consumer] }).compile();
    app = module.createNestApplication(new FastifyAdapter(), { logger: false });
    const strategy = new EventBusStrategy(bus, { group: 'g', topics: [ORDER_EVENTS] }, app.get(ModulesContainer));
    app.connectMicroservice<MicroserviceOptions>({ strategy }, { inheritAppConfig: false });
    await app.startAllMicroservices();
  });

  afterAll(async () => {
    await app.close();
    expect(bus.closed).toBe(true);
  });

  describe('when a record is an event somebody handles', () => {
    it('calls the handler with the parsed envelope, in the context of whoever caused it', async () => {
      await deliver(envelope('order.confirmed'));
      expect(seen).toMatchObject([
        { event: { type: 'order.confirmed', payload }, offset: '7', correlationId: 'who-asked' },
      ]);
    });
  });

  describe('when a handler rejects', () => {
    it('lets the bus see the very error, so that it can be judged', async () => {
      const failure = await failureOf(envelope('order.cancelled', { cancelReason: 'customer' }));
      expect(failure).toMatchObject({ message: 'duplicate key', code: '23505' });
      expect(isPoison(failure)).toBe(true);
    });
  });

  describe('when nobody handles the event', () => {
    it('passes over it', async () => {
      await expect(deliver(envelope('payment.processing', {}))).rejects.toMatchObject({ kind: 'poison' });
      const { orderId: id, paymentId, currency } = payload;
      const processing = {
        ...envelope('payment.processing'),
        payload: { orderId: id, paymentId, currency, amountMinor: 1 },
      };
      await expect(deliver(processing)).resolves.toBeUndefined();
    });
  });

  describe('when a record is not an event of the contract', () => {
    it.each([
      ['text that is not JSON', '{'],
      ['an unknown type', envelope('order.eaten')],
      ['an unknown field', envelope('order.confirmed', { extra: 1 })],
    ])('says that %s is poison', async (_, value) => {
      const failure = await failureOf(value);
      expect(failure).toBeInstanceOf(AppError);
      expect(isPoison(failure)).toBe(true);
    });
  });
});

describe(isPoison.name, () => {
  it.each([
    ['a lost connection', Object.assign(new Error(), { code: '08006' }), false],
    ['a deadlock', Object.assign(new Error(), { code: '40P01' }), false],
    ['a value out of range', Object.assign(new Error(), { code: '22003' }), true],
    ['a constraint, wrapped', new Error('x', { cause: { driverError: { code: '23514' } } }), true],
    ['an unavailable service, whatever its cause', unavailable({ code: '23505' }), false],
    ['a plain bug', new TypeError('undefined is not a function'), false],
  ])('judges %s', (_, error, expected) => expect(isPoison(error)).toBe(expected));
});

function unavailable(cause: unknown): AppError {
  return new AppError({ code: 'unavailable', kind: 'unavailable', message: 'Try again.', cause });
}
