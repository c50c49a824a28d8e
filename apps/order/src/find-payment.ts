import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { type OrderView, orderView, paymentStatus } from '#libs/contracts';
import { Registry } from '#libs/registry';
import { CallPolicy } from '#libs/resilience';
import { counter, logger, RequestContext } from '#libs/telemetry';
import { FindOrder } from './find-order.js';
import { paymentCallsConfig } from './payment-calls.config.js';

/** A payment as its customer sees it. `stale`: payment could not be asked; this is what the order last heard of it. */
export const paymentAnswer = z.strictObject({ ...orderView.shape.payment.shape, stale: z.boolean() });
type PaymentAnswer = z.infer<typeof paymentAnswer>;

/** What is needed of the payment service's answer; whatever else it says is its own business. */
const livePayment = z.object({ status: paymentStatus, provider: z.string().optional() });

const log = logger('find-payment');
const answers = counter('order_payment_answers_total', 'Answers about payments.', ['from']);
const SERVICE = 'payment';

/** Asks the payment service how a payment stands, and falls back to the order's own copy when it cannot. */
@Injectable()
export class FindPayment {
  private readonly policy: CallPolicy;

  constructor(
    private readonly findOrder: FindOrder,
    private readonly registry: Registry,
    @InjectConfig(paymentCallsConfig) settings: ConfigOf<typeof paymentCallsConfig>,
  ) {
    this.policy = new CallPolicy('payment-lookup', SERVICE, settings);
  }

  /** @throws AppError `order-not-found`; never because payment is down */
  async execute(orderId: string, customerId: string): Promise<PaymentAnswer> {
    const { payment } = await this.findOrder.one(orderId, customerId);
    try {
      const live = await this.policy.execute(({ signal }) => this.ask(payment.paymentId, signal));
      answers.inc({ from: 'payment' });
      return { ...payment, ...live, stale: false };
    } catch (error) {
      log.warn({ err: error, orderId }, 'payment cannot be asked; answering what the order knows');
      answers.inc({ from: 'own-copy' });
      return { ...payment, stale: true };
    }
  }

  /** Undefined when payment has not heard of the order yet. */
  private ask(paymentId: string, signal: AbortSignal): Promise<Partial<OrderView['payment']> | undefined> {
    return this.registry.call(SERVICE, async ({ url }) => {
      const { correlationId, traceparent } = RequestContext.current();
      const headers = { 'x-correlation-id': correlationId, traceparent };
      const answer = await fetch(new URL(`/payments/${paymentId}`, url), { signal, headers });
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      const { status, provider } = livePayment.parse(await answer.json());
      return { status, ...(provider === undefined ? {} : { provider }) };
    });
  }
}
