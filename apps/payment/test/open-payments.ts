import type { Abstract, Type } from '@nestjs/common';
import { compose, loadConfig } from '#libs/config';
import {
  type EventPayload,
  laneOf,
  ORDER_EVENTS,
  PSP_SIGNATURE_HEADER,
  type PspWebhook,
  paymentIdOf,
  uuidv7,
} from '#libs/contracts';
import { databaseConfig, migrate } from '#libs/database';
import { EventBus, migrateBus, type WireEvent } from '#libs/messaging';
import { type NewEvent, sealEvent } from '#libs/outbox';
import { hmacSign } from '#libs/security';
import { createService, type Service } from '#libs/service-defaults';
import { eventually } from '../../../test/support/eventually.js';
import { freePort } from '../../../test/support/free-port.js';
import { startTestPsp, TEST_WEBHOOK_SECRET, type TestPsp } from '../../../test/support/psp-simulator.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { migrations } from '../src/migrations/index.js';
import { PaymentModule } from '../src/payment.module.js';
import { SCHEMA } from '../src/schema.js';
import { paymentServiceConfig } from '../src/service.config.js';

/** An order as its events tell of it. */
export type TestOrder = EventPayload<'order.placed'>;

type Row = {
  status: string;
  provider: string | null;
  unwanted: boolean;
  seq: number;
  order_seq: number;
  attempts: number;
  payment_token: string | null;
};

/** The payment service, whole, with two real provider simulators, on a database of its own. */
export class Payments implements AsyncDisposable {
  private constructor(
    readonly database: TestDatabase,
    private readonly providers: { readonly acme: TestPsp; readonly borealis: TestPsp },
    private readonly service: Service,
    private readonly url: string,
  ) {}

  get acme(): TestPsp {
    return this.providers.acme;
  }

  get borealis(): TestPsp {
    return this.providers.borealis;
  }

  static async open(environment: Record<string, string> = {}): Promise<Payments> {
    const database = await createTestDatabase();
    const settings = loadConfig(
      compose({ database: databaseConfig }),
      database.environment('twofold_payments'),
    ).database;
    await migrate({ schema: SCHEMA, migrations }, settings);
    await migrateBus(settings);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const acme = await startTestPsp('psp-acme', await freePort(), [`${url}/webhooks`]);
    const borealis = await startTestPsp('psp-borealis', await freePort(), [`${url}/webhooks`]);
    const service = await createService(
      PaymentModule,
      { name: 'payment', config: paymentServiceConfig, rawBody: true },
      {
        ...database.environment('twofold_payments'),
        LOG_LEVEL: 'silent',
        AUTH_JWKS_URL: 'http://127.0.0.1:1/',
        PROVIDERS_ENDPOINTS: `psp-acme=${acme.url},psp-borealis=${borealis.url}`,
        PROVIDERS_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
        ...environment,
      },
    );
    await service.app.init();
    await service.app.startAllMicroservices();
    await service.app.listen(port, '127.0.0.1');
    return new Payments(database, { acme, borealis }, service, url);
  }

  /** What a part of the service is. */
  get<T>(token: Type<T> | Abstract<T>): T {
    return this.service.app.get<T>(token, { strict: false });
  }

  order(paymentToken: string): TestOrder {
    const orderId = uuidv7();
    return {
      orderId,
      paymentId: paymentIdOf(orderId),
      customerId: 'customer-1',
      currency: 'KRW',
      totalMinor: 24_000,
      items: [{ sku: 'TF-0001', quantity: 2, unitPriceMinor: 12_000 }],
      paymentToken,
      placedAt: new Date().toISOString(),
    };
  }

  async place(paymentToken: string, placedAt = new Date()): Promise<TestOrder> {
    const order = { ...this.order(paymentToken), placedAt: placedAt.toISOString() };
    await this.send('order.placed', order, 1);
    return order;
  }

  /** Many orders at once, as a relay sends them: one batch per lane. */
  async placeMany(count: number, paymentToken = 'tok_ok'): Promise<TestOrder[]> {
    const orders = Array.from({ length: count }, () => this.order(paymentToken));
    const lanes = Map.groupBy(orders, ({ orderId }) => laneOf(orderId));
    for (const [lane, ofLane] of lanes) {
      const events = ofLane.map((order) =>
        sealEvent({ type: 'order.placed', aggregateId: order.orderId, seq: 1, payload: order }),
      );
      await this.untilPublished(lane, events);
    }
    return orders;
  }

  async cancel(order: TestOrder, seq = 2): Promise<void> {
    const { orderId, paymentId, customerId, currency, totalMinor } = order;
    const payload = { orderId, paymentId, customerId, currency, totalMinor, cancelReason: 'customer' as const };
    await this.publish({ type: 'order.cancelled', aggregateId: orderId, seq, payload });
  }

  async send(type: 'order.placed' | 'order.settlement-requested', order: TestOrder, seq: number): Promise<void> {
    await this.publish({ type, aggregateId: order.orderId, seq, payload: order });
  }

  /** Puts an event on the bus, as the relay of the order service does: again and again until it is there. */
  async publish(event: NewEvent): Promise<void> {
    const sealed = sealEvent(event);
    await this.untilPublished(laneOf(sealed.key), [sealed]);
  }

  private async untilPublished(lane: number, events: readonly WireEvent[]): Promise<void> {
    const bus = this.get(EventBus);
    await eventually(() => bus.publish(ORDER_EVENTS, lane, events), { timeoutMs: 30_000 });
  }

  async row({ paymentId }: Pick<TestOrder, 'paymentId'>): Promise<Row> {
    const [row] = await this.database.query<Row>('SELECT * FROM payments.payments WHERE payment_id = $1', [paymentId]);
    if (!row) throw new Error(`There is no payment ${paymentId} yet.`);
    return row;
  }

  /** Events about the payment, in the order of the outbox. */
  async told({ paymentId }: Pick<TestOrder, 'paymentId'>): Promise<Array<{ type: string; seq: number }>> {
    const rows = await this.database.query<{ value: string }>(
      'SELECT value FROM payments.outbox WHERE aggregate_id = $1 ORDER BY id',
      [paymentId],
    );
    return rows.map(({ value }) => JSON.parse(value) as { type: string; seq: number });
  }

  /** Money that moved for the payment at either provider, as `psp-acme charge succeeded`. */
  moved({ paymentId }: Pick<TestOrder, 'paymentId'>): string[] {
    return [this.acme, this.borealis].flatMap((psp) =>
      psp.ledgerOf(paymentId).map(({ kind, outcome }) => `${psp.name} ${kind} ${outcome}`),
    );
  }

  /** Sends a webhook as a provider would; `ageMs` ago. */
  async webhook(webhook: PspWebhook, { ageMs = 0, secret = TEST_WEBHOOK_SECRET } = {}): Promise<number> {
    const body = JSON.stringify(webhook);
    const response = await fetch(`${this.url}/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [PSP_SIGNATURE_HEADER]: hmacSign(secret, body, Date.now() - ageMs),
      },
      body,
    });
    await response.text();
    return response.status;
  }

  async view(paymentId: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url}/payments/${paymentId}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.app.close();
    await this.acme[Symbol.asyncDispose]();
    await this.borealis[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}
