import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable } from '#libs/errors';

/** How a {@link Batcher} works. */
export type BatcherOptions<T, R> = {
  /** Does a batch and gives one result per item. */
  readonly flush: (items: readonly T[]) => Promise<readonly R[]>;
  /** Items with the same key come one after the other, in batches of their own. */
  readonly keyOf: (item: T) => string;
  readonly maxItems: number;
  /** Whether a batch that failed like this may do so because of one item: then each is tried alone. @default what is not retryable */
  readonly isItemsFault?: (error: unknown) => boolean;
  /** How long the first item waits for company, in ms. @default 0, the same turn of the event loop */
  readonly lingerMs?: number;
};

type Waiting<T, R> = { readonly item: T; resolve(result: R): void; reject(error: unknown): void };

/**
 * Merges what comes while a batch is under way into the next one: alone an item waits for `lingerMs` at most, and under load
 * the cost of a transaction is shared by many.
 */
export class Batcher<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private isFlushing = false;

  constructor(private readonly options: BatcherOptions<T, R>) {}

  /** Resolves when the item's batch is done; rejects with its failure. */
  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.isFlushing) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isFlushing = true;
    while (this.waiting.length > 0) {
      const { lingerMs = 0 } = this.options;
      // What comes in the same turn of the event loop belongs together in any case.
      await (lingerMs > 0 ? sleep(lingerMs) : Promise.resolve());
      await this.flush(this.take());
    }
    this.isFlushing = false;
  }

  private take(): Waiting<T, R>[] {
    const keys = new Set<string>();
    const batch: Waiting<T, R>[] = [];
    const later: Waiting<T, R>[] = [];
    for (const one of this.waiting) {
      const key = this.options.keyOf(one.item);
      const fits = batch.length < this.options.maxItems && !keys.has(key);
      keys.add(key);
      (fits ? batch : later).push(one);
    }
    this.waiting = later;
    return batch;
  }

  private async flush(batch: readonly Waiting<T, R>[]): Promise<void> {
    const { isItemsFault = (error: unknown) => !isRetryable(error) } = this.options;
    try {
      const results = await this.options.flush(batch.map(({ item }) => item));
      for (const [index, one] of batch.entries()) one.resolve(results[index] as R);
    } catch (error) {
      if (batch.length > 1 && isItemsFault(error)) for (const one of batch) await this.flush([one]);
      else for (const one of batch) one.reject(error);
    }
  }
}
