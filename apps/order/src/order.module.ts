import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { PAYMENT_COMPENSATION, PAYMENT_EVENTS } from '#libs/contracts';
import { DatabaseModule, DatabaseProbe } from '#libs/database';
import { HealthModule } from '#libs/health';
import { BusProbe, MessagingModule } from '#libs/messaging';
import { OutboxModule, OutboxProbe } from '#libs/outbox';
import { RedisModule, RedisProbe } from '#libs/redis';
import { RegistryModule, SetAsideProbe } from '#libs/registry';
import { SecurityModule } from '#libs/security';
import { CancelOrder } from './cancel-order.js';
import { Catalogue } from './catalogue.js';
import { FindOrder } from './find-order.js';
import { FindPayment } from './find-payment.js';
import { FindProduct } from './find-product.js';
import { HotStock } from './hot-stock.js';
import { OrderConsumer } from './order.consumer.js';
import { OrderController } from './order.controller.js';
import { OverloadShield } from './overload-shield.js';
import { PlaceOrder } from './place-order.js';
import { ProductController } from './product.controller.js';
import { RequestSettlement } from './request-settlement.js';
import { SCHEMA } from './schema.js';
import { SettleOrder } from './settle-order.js';
import { SettlementSweep } from './settlement-sweep.js';

/** Orders, stock and the saga that brings them together with payment. */
@Module({
  imports: [
    DatabaseModule.forSchema(SCHEMA),
    MessagingModule.forService({ group: 'order', topics: [PAYMENT_EVENTS, PAYMENT_COMPENSATION] }),
    OutboxModule.forSchema(SCHEMA),
    RegistryModule.forService(),
    RedisModule,
    SecurityModule,
    ScheduleModule.forRoot(),
    HealthModule.with([DatabaseProbe, BusProbe, OutboxProbe, RedisProbe, SetAsideProbe]),
  ],
  controllers: [ProductController, OrderController, OrderConsumer],
  providers: [
    Catalogue,
    HotStock,
    OverloadShield,
    PlaceOrder,
    CancelOrder,
    SettleOrder,
    RequestSettlement,
    SettlementSweep,
    FindOrder,
    FindPayment,
    FindProduct,
  ],
})
export class OrderModule {}
