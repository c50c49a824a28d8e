import { z } from 'zod';

/** What the client wanted to do. */
export const journalOp = z.enum(['place', 'cancel', 'read', 'browse']);
/** @see journalOp */
export type JournalOp = z.infer<typeof journalOp>;

/** Written before the first byte of an attempt leaves. `n` ties an answer to its intent; `digest` is of the canonical body. */
export const intentLine = z.object({
  kind: z.literal('intent'),
  n: z.int().min(1),
  run: z.string(),
  atMs: z.number(),
  op: journalOp,
  customer: z.string(),
  key: z.string().optional(),
  digest: z.string().optional(),
  orderId: z.string().optional(),
  door: z.string(),
});
/** @see intentLine */
export type IntentLine = z.infer<typeof intentLine>;

/** Written before the client believes an answer. `status` 0 means that none came; `digest` is of the response's bytes. */
export const answerLine = z.object({
  kind: z.literal('answer'),
  n: z.int().min(1),
  run: z.string(),
  atMs: z.number(),
  status: z.int().min(0).max(599),
  digest: z.string().optional(),
  orderId: z.string().optional(),
  orderStatus: z.string().optional(),
  code: z.string().optional(),
  isReplay: z.boolean().optional(),
});
/** @see answerLine */
export type AnswerLine = z.infer<typeof answerLine>;

/** Notes of whoever ran the load: the checker counts its 60 s from `healed` (I3). */
export const markLine = z.object({
  kind: z.literal('mark'),
  atMs: z.number(),
  name: z.enum(['started', 'fault', 'healed', 'ended']),
  detail: z.string().optional(),
});
/** A line of the client's journal. */
export const journalLine = z.discriminatedUnion('kind', [intentLine, answerLine, markLine]);
/** @see journalLine */
export type JournalLine = z.infer<typeof journalLine>;
