import { DEFAULT_CURRENCY } from '#libs/contracts';
import { SYNTHETIC_SKU } from './catalogue.js';

/** A product as it is first put on the shelf. */
export type SampleProduct = {
  readonly sku: string;
  readonly name: string;
  readonly currency: string;
  readonly unitPriceMinor: number;
  readonly stocked: number;
};

/** Every hundredth product is scarce: the first one is beyond the first pages that people look at. */
export const SCARCE_EVERY = 100;
/** Pieces of a scarce product. */
export const SCARCE_STOCK = 10;

const colours = ['Indigo', 'Sage', 'Oat', 'Charcoal', 'Terracotta', 'Ivory', 'Moss', 'Plum', 'Slate', 'Saffron'];
const materials = ['Linen', 'Oak', 'Stoneware', 'Wool', 'Brass', 'Cotton', 'Walnut', 'Felt', 'Enamel', 'Cork'];
const things = ['Apron', 'Bowl', 'Basket', 'Lamp', 'Tray', 'Throw', 'Planter', 'Notebook', 'Coaster Set', 'Carafe'];

const pick = (words: readonly string[], index: number): string => words[index % words.length] ?? '';

/** Prices end in 900, as they do: ₩1,900 to ₩99,900. 37 is prime, so that neighbours do not cost about the same. */
const priceOf = (n: number): number => 1_900 + ((n * 37) % 99) * 1_000;

/** Product `n`, counting from 1: always the same name and price. */
export function sampleProduct(n: number, stock: number): SampleProduct {
  const index = n - 1;
  const name = `${pick(materials, Math.floor(index / 10))} ${pick(things, index)}, ${pick(colours, Math.floor(index / 100))}`;
  const series = Math.floor(index / 1_000);
  return {
    sku: `TF-${String(n).padStart(4, '0')}`,
    name: series === 0 ? name : `${name}, Series ${series + 1}`,
    currency: DEFAULT_CURRENCY,
    unitPriceMinor: priceOf(n),
    // Some shelves are fuller than others, as in a shop.
    stocked: n % SCARCE_EVERY === 0 ? SCARCE_STOCK : stock + ((n * 7_919) % 17) * 500,
  };
}

/** What the monitor orders every 10 s: as good as endless, so that it never cries wolf. */
const syntheticProduct: SampleProduct = {
  sku: SYNTHETIC_SKU,
  name: 'Synthetic order of the health monitor',
  currency: DEFAULT_CURRENCY,
  unitPriceMinor: 1_000,
  stocked: 100_000_000,
};

/** The catalogue of a shop with `count` products, and the synthetic one. */
export function sampleCatalogue(count: number, stock: number): SampleProduct[] {
  return [...Array.from({ length: count }, (_, index) => sampleProduct(index + 1, stock)), syntheticProduct];
}
