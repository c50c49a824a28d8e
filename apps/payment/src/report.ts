import type { News } from './payment.js';
import type { AttemptOutcome } from './payment.repository.js';

/** News, and the attempt that found it out, if one did. */
export type Report = {
  readonly paymentId: string;
  readonly news: News;
  readonly attempt?: { readonly number: number; readonly owner: string; readonly outcome: AttemptOutcome } | undefined;
};

/** What became of a report. */
export type Recorded = 'changed' | 'nothing-new' | 'stray' | 'no-such-payment';
