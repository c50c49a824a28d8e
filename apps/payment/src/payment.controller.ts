import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { Public } from '#libs/security';
import { FindPayment } from './find-payment.js';
import type { PaymentView } from './payment.repository.js';

/** Inside view of payments. Not reachable through the front doors. */
@Public()
@Controller('payments')
export class PaymentController {
  constructor(private readonly find: FindPayment) {}

  @Get(':paymentId')
  async one(@Param('paymentId', { schema: z.uuid() }) paymentId: string): Promise<PaymentView> {
    return this.find.execute(paymentId);
  }
}
