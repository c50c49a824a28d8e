import { Module } from '@nestjs/common';
import { ORDER_EVENTS } from '#libs/contracts';
import { DatabaseModule, DatabaseProbe } from '#libs/database';
import { HealthModule } from '#libs/health';
import { BusProbe, MessagingModule } from '#libs/messaging';
import { OutboxModule, OutboxProbe } from '#libs/outbox';
import { RegistryModule, SetAsideProbe } from '#libs/registry';
import { SecurityModule } from '#libs/security';
import { CancelPayment } from './cancel-payment.js';
import { ChargePayment } from './charge-payment.js';
import { FindPayment } from './find-payment.js';
import { FollowOrder } from './follow-order.js';
import { NoteConfirmed } from './note-confirmed.js';
import { PaymentConsumer } from './payment.consumer.js';
import { PaymentController } from './payment.controller.js';
import { PaymentEntity } from './payment.entity.js';
import { PaymentMetrics } from './payment.metrics.js';
import { ProvidersModule } from './provider/providers.module.js';
import { ProvidersProbe } from './provider/providers.probe.js';
import { ReceiveWebhook } from './receive-webhook.js';
import { ReconcilePayments } from './reconcile-payments.js';
import { RecordNews } from './record-news.js';
import { RefundPayment } from './refund-payment.js';
import { ReportAnswer } from './report-answer.js';
import { RequestPayment } from './request-payment.js';
import { SCHEMA } from './schema.js';
import { WebhookController } from './webhook.controller.js';
import { ClaimPayments } from './worker/claim-payments.js';
import { PaymentWorker } from './worker/payment-worker.js';
import { RunAttempt } from './worker/run-attempt.js';
import { WorkerLease } from './worker/worker-lease.js';

/** Charges and refunds through two providers. */
@Module({
  imports: [
    DatabaseModule.forSchema(SCHEMA, { entities: [PaymentEntity] }),
    MessagingModule.forService({ group: 'payment', topics: [ORDER_EVENTS] }),
    OutboxModule.forSchema(SCHEMA),
    RegistryModule.forService(),
    SecurityModule,
    ProvidersModule,
    HealthModule.with([DatabaseProbe, BusProbe, OutboxProbe, ProvidersProbe, SetAsideProbe]),
  ],
  controllers: [PaymentConsumer, PaymentController, WebhookController],
  providers: [
    FollowOrder,
    NoteConfirmed,
    RequestPayment,
    CancelPayment,
    ChargePayment,
    RefundPayment,
    ReportAnswer,
    RecordNews,
    ReceiveWebhook,
    ReconcilePayments,
    FindPayment,
    PaymentMetrics,
    ClaimPayments,
    RunAttempt,
    WorkerLease,
    PaymentWorker,
  ],
})
export class PaymentModule {}
