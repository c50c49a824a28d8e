import { Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import type { ProductView } from '#libs/contracts';
import { Database } from '#libs/database';
import { orderConfig } from './order.config.js';
import { selectCatalogue } from './sql/select-catalogue.js';

/** SKU of the orders that the monitor places: not for sale, not in revenue, not in the list. */
export const SYNTHETIC_SKU = 'synthetic';

/** Every product at one moment. */
export type Shelf = {
  /** Products for sale, by SKU. */
  readonly products: readonly ProductView[];
  readonly bySku: ReadonlyMap<string, ProductView>;
  /** When it was asked for, on this process's monotonic clock, in ms. */
  readonly readAtMs: number;
};

/** A replica this far behind still shows stock that is at most 1 s old. */
const MAX_LAG_MS = 400;

/** The catalogue in memory. Prices from here are proposals: placement checks them under the stock lock. */
@Injectable()
export class Catalogue {
  private shelf: Shelf | undefined;
  private loading: Promise<Shelf> | undefined;

  constructor(
    private readonly database: Database,
    @InjectConfig(orderConfig) private readonly config: ConfigOf<typeof orderConfig>,
  ) {}

  /** Stock as it was at most 1 s ago. */
  async recent(): Promise<Shelf> {
    const { shelf } = this;
    if (shelf && performance.now() - shelf.readAtMs <= this.config.catalogueMaxAgeMs) return shelf;
    return await (this.loading ?? this.load('replica'));
  }

  /** Prices as they were last seen, however long ago: cheap, and wrong only until {@link refresh}. */
  async prices(): Promise<(sku: string) => number> {
    const { bySku } = this.shelf ?? (await this.recent());
    return (sku) => bySku.get(sku)?.unitPriceMinor ?? 0;
  }

  /** Reads the prices again, from the primary: for an order that was refused because they had changed. */
  async refresh(): Promise<void> {
    await this.load('primary');
  }

  private load(from: 'primary' | 'replica'): Promise<Shelf> {
    const loading = this.read(from).finally(() => {
      if (this.loading === loading) this.loading = undefined;
    });
    this.loading = loading;
    return loading;
  }

  private async read(from: 'primary' | 'replica'): Promise<Shelf> {
    const readAtMs = performance.now();
    const all = await this.database.read(selectCatalogue, { from, maxLagMs: MAX_LAG_MS });
    const shelf: Shelf = {
      products: all.filter((product) => product.sku !== SYNTHETIC_SKU),
      bySku: new Map(all.map((product) => [product.sku, product])),
      readAtMs,
    };
    if (shelf.readAtMs >= (this.shelf?.readAtMs ?? 0)) this.shelf = shelf;
    return shelf;
  }
}
