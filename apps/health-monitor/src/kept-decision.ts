import { z } from 'zod';

/** Everything the monitor says that it did, for people and for its successors. */
export const keptDecision = z.object({
  /** Grows by one. */
  seq: z.int().min(1),
  at: z.iso.datetime(),
  /** Monitor and its term: tokens grow from term to term (R22). */
  by: z.string(),
  token: z.string(),
  action: z.enum([
    ...(['lead', 'suspect', 'recover', 'start', 'restart', 'switch', 'return', 'stand-back', 'resume'] as const),
    ...(['alert', 'resolve', 'maintenance', 'switchover', 'reinitialize', 'revoke', 'failed'] as const),
  ]),
  target: z.string().optional(),
  /** What was not done, for `failed`. */
  failed: z.string().optional(),
  /** Key of an alert. */
  alert: z.string().optional(),
  reason: z.string(),
  /** What people work on, and until when; an empty list ends it. */
  maintenance: z.object({ targets: z.array(z.string()), until: z.iso.datetime() }).optional(),
  dryRun: z.boolean(),
  /** Since the target was last seen well: how old the fault is at most. */
  sinceWellMs: z.number().optional(),
});
/** @see keptDecision */
export type KeptDecision = z.infer<typeof keptDecision>;

/** Kept at most; the oldest goes first. */
export const MAX_DECISIONS_KEPT = 1_000;
