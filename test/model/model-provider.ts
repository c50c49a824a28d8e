/** What a provider keeps of one key. */
type Charge = 'charged' | 'declined' | 'voided';

/** A payment provider that keeps its word about keys, whatever becomes of its answers. */
export class ModelProvider {
  private readonly charges = new Map<string, Charge>();
  private readonly refunds = new Set<string>();

  constructor(
    readonly name: string,
    private readonly declines: boolean,
  ) {}

  charge(key: string): Charge {
    const known = this.charges.get(key);
    if (known) return known;
    const outcome = this.declines ? 'declined' : 'charged';
    this.charges.set(key, outcome);
    return outcome;
  }

  void(key: string): Charge {
    const known = this.charges.get(key) ?? 'voided';
    this.charges.set(key, known);
    return known;
  }

  refund(key: string): void {
    this.refunds.add(key);
  }

  /** What it would send by webhook: everything it knows, at any time and as often as it likes. */
  known(): Charge[] {
    return [...this.charges.values()];
  }

  /** Charges that took money. */
  get charged(): number {
    return this.known().filter((charge) => charge === 'charged').length;
  }

  get refunded(): number {
    return this.refunds.size;
  }
}
