import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { defaultIfEmpty, isObservable, lastValueFrom } from 'rxjs';
import { type EventEnvelope, parseEvent, type Topic } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { logger, RequestContext } from '#libs/telemetry';
import { type BusRecord, EventBus, type Subscription } from './event-bus.js';
import { keepErrorsOf } from './keep-errors.filter.js';

const log = logger('messaging');

/** What `@Ctx()` gives a handler: where its event stands in the log. */
export class BusContext extends BaseRpcContext<[BusRecord]> {
  get record(): BusRecord {
    return this.args[0];
  }
}

/** Which group this service is in, and what it listens to. */
export type ConsumerOptions = { readonly group: string; readonly topics: readonly Topic[] };

/**
 * Nest's door to the {@link EventBus}: calls `@EventPattern('order.placed')` handlers with the parsed `EventEnvelope`, inside
 * the request context of whoever caused the event. A handler's rejection reaches the bus as it is, so that R15 can judge
 * it. Events without handler are skipped.
 */
@Injectable()
export class EventBusStrategy extends Server implements CustomTransportStrategy, OnModuleDestroy {
  override readonly transportId = Symbol.for('twofold.event-bus');
  /** Nest must neither log nor swallow a failure: the lane reports it. */
  override readonly propagatesEventHandlerErrors = true;
  private subscription: Promise<Subscription> | undefined;

  constructor(
    private readonly bus: EventBus,
    private readonly consumer: ConsumerOptions,
    modules: ModulesContainer,
  ) {
    super();
    keepErrorsOf(modules);
  }

  /** Subscribes; does not wait for the bus, for a service starts without it and says so in its health. */
  listen(callback: (error?: unknown) => void): void {
    const { group, topics } = this.consumer;
    this.subscription ??= this.bus.subscribe(group, topics, (record) => this.deliver(record));
    this.subscription.catch((error: unknown) => log.error({ err: error, group }, 'subscription failed'));
    callback();
  }

  /** Stops taking events and hands the lanes on. */
  async close(): Promise<void> {
    const subscription = await this.subscription?.catch(() => undefined);
    await subscription?.close();
  }

  /** Before the databases close, which is later in Nest's shutdown than {@link close}. */
  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  on(): never {
    throw new Error('The event bus has no events of its own: see EventBus.health().');
  }

  unwrap(): never {
    throw new Error('Nothing to unwrap: inject EventBus.');
  }

  private async deliver(record: BusRecord): Promise<void> {
    const event = readEvent(record);
    const handler = this.messageHandlers.get(event.type);
    if (handler === undefined) return;
    const { correlationId, traceparent } = event;
    await RequestContext.run({ correlationId, traceparent }, async () => {
      const result: unknown = await handler(event, new BusContext([record]));
      if (isObservable(result)) await lastValueFrom(result.pipe(defaultIfEmpty(undefined)));
    });
  }
}

function readEvent(record: BusRecord): EventEnvelope {
  try {
    return parseEvent(JSON.parse(record.value));
  } catch (cause) {
    const message = `Record ${record.eventId} on ${record.topic}/${record.lane} at ${record.offset} is no event of the contract.`;
    throw new AppError({ code: 'event-invalid', kind: 'poison', message, cause });
  }
}
