import { z } from 'zod';
import { amountMinor, currency } from './money.js';
import { paymentToken } from './order.contract.js';

/** Header of every provider call that moves money: the same key is the same act, for the key's lifetime. */
export const PSP_KEY_HEADER = 'idempotency-key';
/** Header of a webhook: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. */
export const PSP_SIGNATURE_HEADER = 'psp-signature';

/** Body of `POST /charges` (key in {@link PSP_KEY_HEADER}); `reference` is our payment id. */
export const chargeBody = z.strictObject({ reference: z.uuid(), amountMinor, currency, paymentToken });
/** @see chargeBody */
export type ChargeBody = z.infer<typeof chargeBody>;

/** Body of `POST /refunds` (key `<paymentId>:refund`). */
export const refundBody = z.strictObject({ reference: z.uuid(), amountMinor, currency });
/** @see refundBody */
export type RefundBody = z.infer<typeof refundBody>;

/** What a provider says of one act of money. `voided` is said of a charge key that can never charge. */
export const pspResult = z.strictObject({
  id: z.string(),
  kind: z.enum(['charge', 'refund']),
  reference: z.uuid(),
  idempotencyKey: z.string(),
  amountMinor,
  currency,
  outcome: z.enum(['succeeded', 'declined', 'voided']),
  declineCode: z.string().optional(),
  at: z.iso.datetime(),
});
/** Answer of `POST /charges` and `POST /refunds` (200), of `POST /charges/{key}/void` (200: the key's final outcome, which is
 * `succeeded` when it had charged before), and each item of `GET /charges?reference=` → `{ items: PspResult[] }`. */
export type PspResult = z.infer<typeof pspResult>;

/** A webhook is a {@link pspResult} with an id of its own; sent at least once, in any order. */
export const pspWebhook = z.strictObject({ webhookId: z.string(), provider: z.string(), result: pspResult });
/** @see pspWebhook */
export type PspWebhook = z.infer<typeof pspWebhook>;

/** One line of `GET /ledger?after&limit` → `{ items, next? }`, oldest first: the truth about money. */
export const ledgerItem = z.strictObject({
  seq: z.int().min(1),
  kind: z.enum(['charge', 'refund']),
  reference: z.string(),
  idempotencyKey: z.string(),
  amountMinor,
  currency,
  outcome: z.enum(['succeeded', 'declined']),
  at: z.iso.datetime(),
});
/** @see ledgerItem */
export type LedgerItem = z.infer<typeof ledgerItem>;

/** Largest page of `GET /ledger`. */
export const MAX_LEDGER_PAGE = 1000;

/** Faults that an operator can switch on at a simulator, each until `expiresInMs` has passed. */
export const pspFaultName = z.enum(['down', 'errors', 'hang', 'slow', 'lost-answers', 'no-webhooks', 'late-webhooks']);
/** @see pspFaultName */
export type PspFaultName = z.infer<typeof pspFaultName>;
/** Body of `PUT /faults/{name}`: `ratio` of calls hit (0 to 1), `delayMs` for hang, slow and late webhooks. */
export const pspFaultBody = z.strictObject({
  expiresInMs: z.int().min(1).max(3_600_000).default(60_000),
  ratio: z.number().min(0).max(1).default(1),
  delayMs: z.int().min(0).max(600_000).default(30_000),
});
/** @see pspFaultBody */
export type PspFaultBody = z.infer<typeof pspFaultBody>;
