import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { paymentNotFound } from './payment.errors.js';
import { findPayment, type PaymentView } from './payment.repository.js';

/** The payment as it is now, for the order service and for people. */
@Injectable()
export class FindPayment {
  constructor(private readonly database: Database) {}

  /** @throws AppError `payment-not-found` */
  async execute(paymentId: string): Promise<PaymentView> {
    const payment = await this.database.read((tx) => findPayment(tx, paymentId), { from: 'primary' });
    if (!payment) throw paymentNotFound(paymentId);
    return payment;
  }
}
