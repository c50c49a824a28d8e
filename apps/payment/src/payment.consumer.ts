import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { EventEnvelope } from '#libs/contracts';
import { CancelPayment } from './cancel-payment.js';
import { NoteConfirmed } from './note-confirmed.js';
import { RequestPayment } from './request-payment.js';

/** Events of orders. None of them waits for a provider. */
@Controller()
export class PaymentConsumer {
  constructor(
    private readonly request: RequestPayment,
    private readonly cancel: CancelPayment,
    private readonly noteConfirmed: NoteConfirmed,
  ) {}

  @EventPattern('order.placed')
  async placed(@Payload() event: EventEnvelope<'order.placed'>): Promise<void> {
    await this.request.execute(event);
  }

  @EventPattern('order.settlement-requested')
  async settlementRequested(@Payload() event: EventEnvelope<'order.settlement-requested'>): Promise<void> {
    await this.request.execute(event);
  }

  @EventPattern('order.cancelled')
  async cancelled(@Payload() event: EventEnvelope<'order.cancelled'>): Promise<void> {
    await this.cancel.execute(event);
  }

  @EventPattern('order.confirmed')
  async confirmed(@Payload() event: EventEnvelope<'order.confirmed'>): Promise<void> {
    await this.noteConfirmed.execute(event);
  }
}
