import type { PaymentStatus } from '#libs/contracts';
import type { Tx } from '#libs/database';
import { AppError } from '#libs/errors';
import type { Claimed, Room, Tried } from './next-step.js';
import type { Payment } from './payment.js';
import { PaymentEntity } from './payment.entity.js';
import * as sql from './payment.sql.js';

/** A payment as it lies in the database. */
export type PaymentRow = Claimed & {
  readonly paymentId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly paymentToken: string | null;
  readonly declineCode: string | null;
  readonly seq: number;
  readonly orderSeq: number;
  readonly attempts: number;
  /** The worker that works on it now. */
  readonly owner: string | null;
  readonly correlationId: string | null;
  readonly traceparent: string | null;
};

/** A payment that is first heard of. */
export type NewPayment = Omit<PaymentRow, keyof Claimed | 'attempts' | 'owner' | 'declineCode'> &
  Pick<Payment, 'status' | 'unwanted'>;

/** How an attempt ended. `not-asked`: circuit or bulkhead refused it, nothing was sent. */
export type AttemptOutcome =
  | 'charged'
  | 'declined'
  | 'voided'
  | 'refunded'
  | 'refund-refused'
  | 'unanswered'
  | 'unreachable'
  | 'not-asked';

/** When a worker looks at a payment next. */
export type Schedule = { readonly owner: string | null; readonly dueInMs: number | null };

/** The provider column is null where the domain has undefined. */
const fromRow = <T extends { provider?: unknown }>(row: T): T => ({ ...row, provider: row.provider ?? undefined });

/** Takes and reads a payment until the transaction ends. */
export async function lockPayment(tx: Tx, paymentId: string): Promise<PaymentRow | undefined> {
  const [row] = await tx.run<PaymentRow>(sql.lockPayment, [paymentId]);
  return row && fromRow(row);
}

/** Reads a payment as it is now. */
export async function readPayment(tx: Tx, paymentId: string): Promise<PaymentRow | undefined> {
  const [row] = await tx.run<PaymentRow>(sql.readPayment, [paymentId]);
  return row && fromRow(row);
}

/** Writes a payment down. False when somebody was faster. */
export async function insertPayment(tx: Tx, payment: NewPayment): Promise<boolean> {
  const { paymentId, orderId, customerId, currency, amountMinor, paymentToken, status, unwanted } = payment;
  const { seq, orderSeq, correlationId, traceparent } = payment;
  const money = [paymentId, orderId, customerId, currency, amountMinor, paymentToken];
  const rows = await tx.run(sql.insertPayment, [...money, status, unwanted, seq, orderSeq, correlationId, traceparent]);
  return rows.length === 1;
}

/** What {@link savePayment} writes. */
export type Change = {
  readonly payment: Payment;
  readonly seq: number;
  readonly schedule: Schedule;
  readonly declineCode?: string | undefined;
};

/**
 * Changes a locked payment.
 * @throws AppError `internal-error` when the row is not what `row` says: it was not locked
 */
export async function savePayment(tx: Tx, row: PaymentRow, change: Change): Promise<void> {
  const { payment, seq, schedule, declineCode } = change;
  const saved = await tx.run(sql.savePayment, [
    row.paymentId,
    row.status,
    row.seq,
    payment.status,
    payment.provider ?? null,
    payment.unwanted,
    declineCode ?? null,
    seq,
    schedule.owner,
    schedule.dueInMs,
  ]);
  if (saved.length === 1) return;
  const message = `Payment ${row.paymentId} changed while it was being changed. Lock it first.`;
  throw new AppError({ code: 'internal-error', kind: 'bug', message });
}

export async function noteOrderSeq(tx: Tx, paymentId: string, orderSeq: number): Promise<void> {
  await tx.run(sql.noteOrderSeq, [paymentId, orderSeq]);
}

export async function makeDue(tx: Tx, paymentId: string): Promise<void> {
  await tx.run(sql.makeDue, [paymentId]);
}

/** An attempt, as its worker names it. */
export type AttemptName = { readonly paymentId: string; readonly attempt: number };

export async function finishAttempt(
  tx: Tx,
  { paymentId, attempt }: AttemptName,
  outcome: AttemptOutcome,
): Promise<void> {
  await tx.run(sql.finishAttempt, [paymentId, attempt, outcome]);
}

/** Whether it is proven that no attempt has ever reached the provider (R18). */
export async function isProvenUnreached(tx: Tx, paymentId: string, provider: string): Promise<boolean> {
  const [row] = await tx.run<{ proven: boolean }>(sql.provenUnreached, [paymentId, provider]);
  return row?.proven ?? false;
}

/** What each of the payments has tried, by payment id. */
export async function triedProviders(tx: Tx, paymentIds: readonly string[]): Promise<ReadonlyMap<string, Tried[]>> {
  if (paymentIds.length === 0) return new Map();
  const rows = await tx.run<Tried & { paymentId: string }>(sql.triedProviders, [paymentIds]);
  return Map.groupBy(rows, ({ paymentId }) => paymentId);
}

/** Claims due payments, so many of each provider; '' stands for those free to choose. */
export async function claimDue(tx: Tx, owner: string, lanes: readonly Room[]): Promise<PaymentRow[]> {
  const rows = await tx.run<PaymentRow>(sql.claimDue, [
    owner,
    lanes.map(({ provider }) => provider),
    lanes.map(({ room }) => room),
    lanes.map(({ isTrial }) => isTrial ?? false),
  ]);
  return rows.map(fromRow);
}

/** Which of the providers have payments waiting that only they can settle. */
export async function providersAwaited(tx: Tx, providers: readonly string[]): Promise<ReadonlySet<string>> {
  if (providers.length === 0) return new Set();
  const rows = await tx.run<{ provider: string }>(sql.providersAwaited, [providers]);
  return new Set(rows.map(({ provider }) => provider));
}

/** An attempt that is about to begin, with the payment as it will be then. */
export type Beginning = {
  readonly row: PaymentRow;
  readonly payment: Payment;
  readonly seq: number;
  readonly step: string;
};

export async function beginAttempts(tx: Tx, beginnings: readonly Beginning[]): Promise<void> {
  if (beginnings.length === 0) return;
  await tx.run(sql.beginAttempts, [
    beginnings.map(({ row }) => row.paymentId),
    beginnings.map(({ payment }) => payment.status),
    beginnings.map(({ payment }) => payment.provider),
    beginnings.map(({ seq }) => seq),
    beginnings.map(({ row }) => row.attempts + 1),
    beginnings.map(({ step }) => step),
  ]);
}

/** A payment as the inside view shows it. */
export type PaymentView = {
  readonly paymentId: string;
  readonly orderId: string;
  readonly status: PaymentStatus;
  readonly provider?: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly declineCode?: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export async function findPayment(tx: Tx, paymentId: string): Promise<PaymentView | undefined> {
  const found = await tx.entities.findOneBy(PaymentEntity, { paymentId });
  if (!found) return undefined;
  const { provider, declineCode, createdAt, updatedAt, ...rest } = found;
  return {
    ...rest,
    ...(provider !== null && { provider }),
    ...(declineCode !== null && { declineCode }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
