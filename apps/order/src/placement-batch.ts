import { AppError } from '#libs/errors';
import { tooLate } from './order.errors.js';
import type { Draft } from './order-draft.js';
import type { PlacementVerdict } from './sql/place-batch.js';

/** What became of a draft. */
export type Placement =
  | { readonly kind: 'created' }
  /** Refused by this very call, or by an attempt of it whose outcome was unknown; stored. */
  | { readonly kind: 'refused'; readonly body: string }
  /** Answered before, to this or another request with the key. */
  | {
      readonly kind: 'stored';
      readonly sameRequest: boolean;
      readonly status: number;
      readonly orderId: string;
      readonly location: string | null;
      readonly body: string;
    }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'unknown-sku'; readonly sku: string }
  | { readonly kind: 'price-changed' };

/**
 * How a batch reaches the database: one call, settled only after its COMMIT. An attempt whose outcome is unknown is
 * repeated with the same drafts, which find their own earlier success by key, while there is patience (R8).
 */
export type CallBatch = (drafts: readonly Draft[], patienceMs: number) => Promise<PlacementVerdict[]>;

/** Numbers of {@link PlacementBatch}, each a named maximum or a duration. */
export type BatchLimits = {
  readonly maxOrders: number;
  /** Wait after a batch returned, so that the next one is not nearly empty: flushing at once halves the batches. */
  readonly lingerMs: number;
  /** How long a key may be in flight elsewhere before its order gives up (R3). */
  readonly inFlightWaitMs: number;
  /** How long an order may wait for a primary (R11). */
  readonly patienceMs: number;
};

/** Called for each batch that came back: orders in it, and how long its oldest one had waited to be sent. */
export type OnBatch = (orders: number, oldestWaitMs: number) => void;

type Member = {
  readonly draft: Draft;
  readonly since: number;
  readonly isGone: () => boolean;
  readonly resolve: (placement: Placement) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Merges concurrent orders into calls of one database function: one batch in flight per process, the next one
 * `lingerMs` after it returned. Keys that are taken elsewhere wait outside the batch and stall nobody (R4).
 */
export class PlacementBatch {
  private queue: Member[] = [];
  private isBusy = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly call: CallBatch,
    private readonly limits: BatchLimits,
    private readonly onBatch: OnBatch = () => {},
  ) {}

  /** Orders that wait to be sent. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Settles once the order's fate is committed.
   * @param isGone whether nobody waits for the answer any more: then an order that was not sent yet is dropped (R11)
   * @throws AppError kind `unavailable` when nothing was done, `unknown-outcome` when it may have been done
   */
  place(draft: Draft, isGone: () => boolean = () => false): Promise<Placement> {
    return new Promise((resolve, reject) => {
      this.push({ draft, isGone, since: performance.now(), resolve, reject });
    });
  }

  private push(member: Member): void {
    this.queue.push(member);
    if (!this.isBusy) this.timer ??= setTimeout(() => void this.flush(), this.limits.lingerMs);
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    const members = this.takeBatch();
    if (members.length === 0) return;
    this.isBusy = true;
    const oldestWaitMs = performance.now() - Math.min(...members.map((m) => m.since));
    await this.run(members.sort((a, b) => (a.draft.key < b.draft.key ? -1 : 1)));
    this.isBusy = false;
    this.onBatch(members.length, oldestWaitMs);
    if (this.queue.length > 0) this.timer ??= setTimeout(() => void this.flush(), this.limits.lingerMs);
  }

  private takeBatch(): Member[] {
    const batch: Member[] = [];
    let taken = 0;
    for (; taken < this.queue.length && batch.length < this.limits.maxOrders; taken++) {
      const member = this.queue[taken] as Member;
      if (member.isGone() || this.patienceOf(member) <= 0) member.reject(tooLate());
      else batch.push(member);
    }
    this.queue = this.queue.slice(taken);
    return batch;
  }

  private patienceOf(member: Member): number {
    return this.limits.patienceMs - (performance.now() - member.since);
  }

  /** Never rejects: every member is settled, or waits outside for its key. */
  private async run(members: readonly Member[]): Promise<void> {
    try {
      const patienceMs = Math.max(...members.map((member) => this.patienceOf(member)), 1);
      const verdicts = await this.call(
        members.map((member) => member.draft),
        patienceMs,
      );
      const byNumber = new Map(verdicts.map((verdict) => [verdict.i, verdict]));
      members.forEach((member, index) => this.answer(member, byNumber.get(index + 1)));
    } catch (error) {
      if (members.length === 1 || !isDefinite(error)) return members.forEach((member) => member.reject(error));
      // Rolled back for certain, because of one of them: each stands for itself (R8).
      for (const member of members) await this.run([member]);
    }
  }

  private answer(member: Member, verdict: PlacementVerdict | undefined): void {
    if (verdict?.outcome === 2 && performance.now() - member.since < this.limits.inFlightWaitMs) {
      const waitedMs = performance.now() - member.since;
      setTimeout(() => this.push(member), Math.min(100, 5 + waitedMs / 4));
    } else member.resolve(placementOf(member.draft, verdict));
  }
}

function placementOf(draft: Draft, verdict: PlacementVerdict | undefined): Placement {
  switch (verdict?.outcome) {
    case undefined:
      return { kind: 'created' };
    case 1:
      return storedPlacement(draft, verdict);
    case 2:
      return { kind: 'in-flight' };
    case 3:
      return { kind: 'refused', body: verdict.body ?? '' };
    case 4:
      return { kind: 'unknown-sku', sku: verdict.body ?? '' };
    case 5:
      return { kind: 'price-changed' };
  }
}

function storedPlacement(draft: Draft, verdict: PlacementVerdict): Placement {
  const body = verdict.body ?? '';
  // Our own id: this very draft was committed by an attempt whose answer was lost.
  if (verdict.order_id === draft.orderId)
    return verdict.status === 201 ? { kind: 'created' } : { kind: 'refused', body };
  return {
    kind: 'stored',
    sameRequest: verdict.same_request,
    status: verdict.status ?? 0,
    orderId: verdict.order_id,
    location: verdict.location,
    body,
  };
}

/** Whether the database said that this batch failed: not when it could not be asked, nor when its answer was lost. */
const isDefinite = (error: unknown): boolean =>
  !(error instanceof AppError) || (error.kind !== 'unknown-outcome' && error.kind !== 'unavailable');
