/** Keys of one generation; with more, the oldest generation is forgotten early. */
const MAX_KEYS = 20_000;

/** Remembers keys for `keepMs` to twice that, in two generations: no timer and no entry per key to expire. */
export class RecentKeys {
  private young = new Set<string>();
  private old = new Set<string>();
  private bornAtMs: number;

  constructor(
    private readonly keepMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.bornAtMs = now();
  }

  add(key: string): void {
    this.age();
    this.young.add(key);
  }

  has(key: string): boolean {
    this.age();
    return this.young.has(key) || this.old.has(key);
  }

  private age(): void {
    if (this.now() - this.bornAtMs < this.keepMs && this.young.size < MAX_KEYS) return;
    this.old = this.young;
    this.young = new Set();
    this.bornAtMs = this.now();
  }
}
