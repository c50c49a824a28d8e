import type { PaymentStatus } from '#libs/contracts';
import type { Database, Tx } from '#libs/database';
import { AppError } from '#libs/errors';
import type { Claimed, Room, Tried } from './next-step.js';
import { PaymentEntity } from './payment.entity.js';
import type { Payment } from './payment.js';
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
  Pick<Payment, 'status' | 'unwanted'> & {
    /** When its order was placed, ISO 8601: since then it is due. Of no use to one that begins as ended. */
    readonly placedAt: string | undefined;
  };

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

const byId = (rows: readonly PaymentRow[]): ReadonlyMap<string, PaymentRow> =>
  new Map(rows.map((row) => [row.paymentId, fromRow(row)]));

/** Takes and reads payments until the transaction ends. */
export async function lockPayments(tx: Tx, paymentIds: readonly string[]): Promise<ReadonlyMap<string, PaymentRow>> {
  return byId(await tx.run<PaymentRow>(sql.lockPayments, [paymentIds]));
}

/** @see lockPayments */
export async function lockPayment(tx: Tx, paymentId: string): Promise<PaymentRow | undefined> {
  return (await lockPayments(tx, [paymentId])).get(paymentId);
}

/** Reads payments on the primary as they are now, by their ids. */
export async function readPayments(
  database: Database,
  paymentIds: readonly string[],
): Promise<ReadonlyMap<string, PaymentRow>> {
  return byId(await database.call<PaymentRow>(sql.readPayments, [paymentIds]));
}

/** An order's first event, and the payment it asks for. */
export type FirstRequest = { readonly eventId: string; readonly payment: NewPayment };

/** Takes first events of different orders and writes their payments down, in one round trip. A repetition changes nothing. */
export async function requestPayments(
  database: Database,
  consumer: string,
  requests: readonly FirstRequest[],
): Promise<void> {
  const rows = requests.map(({ eventId, payment }) => [eventId, ...newPaymentValues(payment)]);
  const columns = rows[0]?.map((_, index) => rows.map((row) => row[index])) ?? [];
  await database.call(sql.requestPayments, [consumer, ...columns], { repeatable: true });
}

/** Writes a payment down. False when somebody was faster. */
export async function insertPayment(tx: Tx, payment: NewPayment): Promise<boolean> {
  return (await tx.run(sql.insertPayment, newPaymentValues(payment))).length === 1;
}

const newPaymentValues = (payment: NewPayment): unknown[] => [
  payment.paymentId,
  payment.orderId,
  payment.customerId,
  payment.currency,
  payment.amountMinor,
  payment.paymentToken,
  payment.status,
  payment.unwanted,
  payment.seq,
  payment.orderSeq,
  payment.correlationId,
  payment.traceparent,
  payment.placedAt,
];

/** What {@link savePayments} writes. */
export type Change = {
  readonly payment: Payment;
  readonly seq: number;
  readonly schedule: Schedule;
  readonly declineCode?: string | undefined;
};

/** A locked payment, and what becomes of it; without a change it stays. */
export type Saved = { readonly row: PaymentRow; readonly change?: Change | undefined };

/**
 * Changes locked payments, each at most once.
 * @throws AppError `internal-error` when a row is not what `row` says: it was not locked
 */
export async function savePayments(tx: Tx, all: readonly Saved[]): Promise<void> {
  const changes = all.flatMap(({ row, change }) => (change ? [{ row, ...change }] : []));
  if (changes.length === 0) return;
  const saved = await tx.run<{ paymentId: string }>(sql.savePayments, [
    changes.map(({ row }) => row.paymentId),
    changes.map(({ row }) => row.status),
    changes.map(({ row }) => row.seq),
    changes.map(({ payment }) => payment.status),
    changes.map(({ payment }) => payment.provider ?? null),
    changes.map(({ payment }) => payment.unwanted),
    changes.map(({ declineCode }) => declineCode ?? null),
    changes.map(({ seq }) => seq),
    changes.map(({ schedule }) => schedule.owner),
    changes.map(({ schedule }) => schedule.dueInMs),
  ]);
  if (saved.length === changes.length) return;
  const message = `${changes.length - saved.length} payments changed while they were being changed. Lock them first.`;
  throw new AppError({ code: 'internal-error', kind: 'bug', message });
}

export async function noteOrderSeq(tx: Tx, paymentId: string, orderSeq: number): Promise<void> {
  await tx.run(sql.noteOrderSeq, [paymentId, orderSeq]);
}

export async function makeDue(tx: Tx, paymentId: string): Promise<void> {
  await tx.run(sql.makeDue, [paymentId]);
}

/** An attempt that has ended, if there was one. */
export type Finished = {
  readonly paymentId: string;
  readonly attempt?: { readonly number: number; readonly outcome: AttemptOutcome } | undefined;
};

/** Notes how attempts ended. */
export async function finishAttempts(tx: Tx, all: readonly Finished[]): Promise<void> {
  const ended = all.flatMap(({ paymentId, attempt }) => (attempt ? [{ paymentId, ...attempt }] : []));
  if (ended.length === 0) return;
  await tx.run(sql.finishAttempts, [
    ended.map(({ paymentId }) => paymentId),
    ended.map(({ number }) => number),
    ended.map(({ outcome }) => outcome),
  ]);
}

/** Whether it is proven that no attempt has ever reached the provider (R18). */
export async function isProvenUnreached(tx: Tx, paymentId: string, provider: string): Promise<boolean> {
  const [row] = await tx.run<{ proven: boolean }>(sql.provenUnreached, [paymentId, provider]);
  return row?.proven ?? false;
}

/** Gives claimed payments back as they were, with their places in the queue. */
export async function keepPlaces(tx: Tx, paymentIds: readonly string[]): Promise<void> {
  if (paymentIds.length > 0) await tx.run(sql.keepPlaces, [paymentIds]);
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
