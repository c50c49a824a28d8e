import { GATE_TTL_MS, type GateLine, type GateVerdict, StockGate } from './stock-gate.js';

/** A gate of this process alone, with the rules of the one in Redis: the model its tests compare against. */
export class MemoryStockGate extends StockGate {
  private readonly counters = new Map<string, { left: number; expiresAtMs: number }>();

  constructor(private readonly now: () => number = Date.now) {
    super();
  }

  override async admit(lines: readonly GateLine[]): Promise<GateVerdict> {
    const gated = lines.filter(({ sku }) => this.counter(sku));
    if (gated.length === 0) return 'bypassed';
    if (gated.some(({ sku, quantity }) => (this.counter(sku)?.left ?? 0) < quantity)) return 'refused';
    for (const { sku, quantity } of gated) this.move(sku, -quantity);
    return 'admitted';
  }

  override async giveBack(lines: readonly GateLine[]): Promise<void> {
    for (const { sku, quantity } of lines) this.move(sku, quantity);
  }

  override async correct(levels: ReadonlyMap<string, number>): Promise<void> {
    for (const [sku, left] of levels) this.counters.set(sku, { left, expiresAtMs: this.now() + GATE_TTL_MS });
  }

  private counter(sku: string) {
    const counter = this.counters.get(sku);
    return counter && counter.expiresAtMs > this.now() ? counter : undefined;
  }

  private move(sku: string, by: number): void {
    const counter = this.counter(sku);
    if (counter) counter.left += by;
  }
}
