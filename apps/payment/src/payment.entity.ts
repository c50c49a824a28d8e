import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PaymentStatus } from '#libs/contracts';

const AMOUNT = { to: (value: number) => value, from: (value: number | string) => Number(value) };

/** A payment for everyday reading. What changes it is SQL of its own: see payment.sql.ts. */
@Entity({ name: 'payments' })
export class PaymentEntity {
  @PrimaryColumn('uuid', { name: 'payment_id' })
  paymentId: string;

  @Column('uuid', { name: 'order_id' })
  orderId: string;

  @Column('text')
  status: PaymentStatus;

  @Column('text', { nullable: true })
  provider: string | null;

  @Column('text')
  currency: string;

  @Column('bigint', { name: 'amount_minor', transformer: AMOUNT })
  amountMinor: number;

  @Column('text', { name: 'decline_code', nullable: true })
  declineCode: string | null;

  @Column('integer')
  attempts: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
