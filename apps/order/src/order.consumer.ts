import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { PaymentEvent } from './order.js';
import { SettleOrder } from './settle-order.js';

/** Hears what payment says. Each handler is done when its effect is committed. */
@Controller()
export class OrderConsumer {
  constructor(private readonly settleOrder: SettleOrder) {}

  @EventPattern('payment.processing')
  processing(@Payload() event: PaymentEvent): Promise<void> {
    return this.settleOrder.execute(event);
  }

  @EventPattern('payment.succeeded')
  succeeded(@Payload() event: PaymentEvent): Promise<void> {
    return this.settleOrder.execute(event);
  }

  @EventPattern('payment.declined')
  declined(@Payload() event: PaymentEvent): Promise<void> {
    return this.settleOrder.execute(event);
  }

  @EventPattern('payment.refunded')
  refunded(@Payload() event: PaymentEvent): Promise<void> {
    return this.settleOrder.execute(event);
  }

  /** Payment gave up: the saga's compensation. */
  @EventPattern('payment.failed')
  failed(@Payload() event: PaymentEvent): Promise<void> {
    return this.settleOrder.execute(event);
  }
}
