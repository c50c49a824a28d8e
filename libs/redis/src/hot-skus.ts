/** Most SKUs counted at once; a SKU that nobody wants is soon forgotten. */
export const MAX_COUNTED_SKUS = 10_000;
/** Most SKUs gated at once. */
export const MAX_HOT_SKUS = 100;

/** Finds the SKUs that everybody wants, by a count that halves each time it is read. */
export class HotSkus {
  private counts = new Map<string, number>();

  /** @param threshold how many wishes between two readings make a SKU hot */
  constructor(private readonly threshold: number) {}

  /** Somebody wants these. */
  note(skus: Iterable<string>): void {
    for (const sku of skus) {
      const count = this.counts.get(sku);
      if (count === undefined && this.counts.size >= MAX_COUNTED_SKUS) continue;
      this.counts.set(sku, (count ?? 0) + 1);
    }
  }

  /** The hottest, at most {@link MAX_HOT_SKUS}; older wishes count half from now on. */
  read(): string[] {
    const hot = [...this.counts].filter(([, count]) => count >= this.threshold).sort((a, b) => b[1] - a[1]);
    this.counts = new Map(
      [...this.counts].map(([sku, n]): [string, number] => [sku, n / 2]).filter(([, n]) => n >= 0.5),
    );
    return hot.slice(0, MAX_HOT_SKUS).map(([sku]) => sku);
  }
}
