import { logger } from '#libs/telemetry';
import { HotSkus } from './hot-skus.js';
import type { StockSettings } from './redis.config.js';
import type { StockGate } from './stock-gate.js';

/** Reads what is free of these SKUs on the primary; SKUs that do not exist are left out. */
export type ReadLevels = (skus: readonly string[]) => Promise<ReadonlyMap<string, number>>;

/**
 * Keeps the gate true to Postgres: finds hot SKUs and sets their counters to what is free, again and again. So a Redis
 * that lost its memory, or came back with an old one (too high or too low), is right again within `STOCK_GATE_CORRECT_MS`.
 */
export class StockGateKeeper {
  private readonly log = logger('stock-gate');
  private readonly hot: HotSkus;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly gate: StockGate,
    private readonly readLevels: ReadLevels,
    private readonly settings: Pick<StockSettings, 'gateCorrectMs' | 'gateHotPerSecond'>,
  ) {
    // A steady rate of n adds up to 2 n, as older wishes count half.
    this.hot = new HotSkus((2 * settings.gateHotPerSecond * settings.gateCorrectMs) / 1_000);
  }

  /** Tells which SKUs an order wants. */
  note(skus: Iterable<string>): void {
    this.hot.note(skus);
  }

  start(): void {
    this.timer = setTimeout(() => void this.tick(), this.settings.gateCorrectMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** One correction. Never rejects. */
  async correct(): Promise<void> {
    const skus = this.hot.read();
    if (skus.length === 0) return;
    try {
      await this.gate.correct(await this.readLevels(skus));
    } catch (error) {
      this.log.warn({ err: error, skus: skus.length }, 'gate not corrected: its counters end by themselves');
    }
  }

  private async tick(): Promise<void> {
    await this.correct();
    if (!this.isStopped) this.start();
  }
}
