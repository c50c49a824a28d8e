/** Pieces of one SKU. */
export type GateLine = { sku: string; quantity: number };

/**
 * `admitted`: pieces were set aside at the gate · `refused`: the gate believes they are gone, which only the primary may
 * confirm (R2) · `bypassed`: the gate is off, does not know the SKUs, or cannot be reached and is set to fail open.
 */
export type GateVerdict = 'admitted' | 'refused' | 'bypassed';

/**
 * A counter in front of the stock rows of hot SKUs, which keeps a stampede away from their row locks. It decides nothing:
 * the database sells and refuses, so that a gate that stands too high or too low costs time, never stock (R2, R7).
 */
export abstract class StockGate {
  /**
   * Asks for all lines or none.
   * @throws AppError `stock-gate-unavailable` when it cannot be reached and is set to fail closed
   */
  abstract admit(lines: readonly GateLine[]): Promise<GateVerdict>;
  /** Puts pieces back that were admitted but not sold, or sold and cancelled. Best effort: {@link correct} heals the rest. */
  abstract giveBack(lines: readonly GateLine[]): Promise<void>;
  /** Sets the counters to what Postgres says. SKUs it was not told of for {@link GATE_TTL_MS} are no longer gated. */
  abstract correct(levels: ReadonlyMap<string, number>): Promise<void>;
}

/** A counter that nobody corrects any more opens after this time. */
export const GATE_TTL_MS = 30_000;

/** No gate: every order goes straight to the database. Used in lite. */
export class OpenStockGate extends StockGate {
  override async admit(): Promise<GateVerdict> {
    return 'bypassed';
  }
  override async giveBack(): Promise<void> {}
  override async correct(): Promise<void> {}
}
