import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { Database } from '#libs/database';
import { StockGate, StockGateKeeper, stockConfig } from '#libs/redis';
import { selectStockLevels } from './sql/select-stock-levels.js';

type Line = { readonly sku: string; readonly quantity: number };

/**
 * The gate before the stock of hot SKUs. It only ever says "wait outside" while it is set to fail closed and Redis is gone;
 * whether there is stock is for the database to say, under the key of the order (R2).
 */
@Injectable()
export class HotStock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly keeper: StockGateKeeper;
  private readonly isOn: boolean;

  constructor(
    private readonly gate: StockGate,
    database: Database,
    @InjectConfig(stockConfig) settings: ConfigOf<typeof stockConfig>,
  ) {
    this.isOn = settings.gate !== 'off';
    const levels = (skus: readonly string[]) => database.read((tx) => selectStockLevels(tx, skus), { from: 'primary' });
    this.keeper = new StockGateKeeper(gate, levels, settings);
  }

  onApplicationBootstrap(): void {
    if (this.isOn) this.keeper.start();
  }

  onModuleDestroy(): void {
    this.keeper.stop();
  }

  /**
   * Places behind the gate. What was set aside for an order that did not come about goes back.
   * @throws AppError `stock-gate-unavailable` when the gate cannot be reached and is set to fail closed
   */
  async behindGate<T>(lines: readonly Line[], place: () => Promise<T>, isSold: (placed: T) => boolean): Promise<T> {
    if (!this.isOn) return await place();
    this.keeper.note(lines.map(({ sku }) => sku));
    const verdict = await this.gate.admit(lines.map(({ sku, quantity }) => ({ sku, quantity })));
    if (verdict !== 'admitted') return await place();
    // After a failure nobody knows whether it was sold: the next correction does.
    const placed = await place();
    if (!isSold(placed)) void this.gate.giveBack(lines.map(({ sku, quantity }) => ({ sku, quantity })));
    return placed;
  }
}
