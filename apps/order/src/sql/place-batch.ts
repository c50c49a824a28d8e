import { named } from '#libs/database';
import type { Draft } from '../order-draft.js';

/** One exception of a batch: an order without a row was simply created. `i` counts from 1. */
export type PlacementVerdict = {
  readonly i: number;
  readonly outcome: 1 | 2 | 3 | 4 | 5;
  readonly same_request: boolean;
  readonly order_id: string;
  readonly status: number | null;
  readonly location: string | null;
  readonly body: string | null;
};

/** Joins texts: JSON escapes control characters, and neither customer nor correlation ids may have any. */
const SEPARATOR = '\x1e';

/**
 * Claims, decides, writes and commits a whole batch: one round trip, one statement, one commit.
 * @see ../migrations/1764000000002-create-place-batch.ts
 */
export const placeBatch = named(
  'place-batch',
  `SELECT * FROM place_batch(${Array.from({ length: 23 }, (_, i) => `$${i + 1}`).join(', ')})`,
);

/** Values that every order of a batch has in common. */
export type BatchConstants = { readonly currency: string; readonly topic: string; readonly refusal: string };

/** Arguments of {@link placeBatch}; `drafts` must be sorted by key. Array literals are built here: pg's are ten times slower. */
export function placeBatchValues(drafts: readonly Draft[], constants: BatchConstants): unknown[] {
  const { skus, order, line, name, quantity, price } = flatten(drafts);
  return [
    ...[
      drafts.map((d) => d.lock),
      drafts.map((d) => d.key),
      drafts.map((d) => d.request),
      drafts.map((d) => d.orderId),
      drafts.map((d) => d.paymentId),
      drafts.map((d) => d.eventId),
      drafts.map((d) => d.lane),
      drafts.map((d) => d.totalMinor),
      drafts.map((d) => d.at),
    ].map(literal),
    drafts.map((d) => d.customerId).join(SEPARATOR),
    drafts.map((d) => d.paymentToken).join(SEPARATOR),
    drafts.map((d) => d.correlationId).join(SEPARATOR),
    drafts.map((d) => d.body).join(SEPARATOR),
    drafts.map((d) => d.event).join(SEPARATOR),
    constants.currency,
    constants.topic,
    constants.refusal,
    ...[skus, order, line, name, quantity, price].map(literal),
  ];
}

/** No element needs quotes: numbers, ids, dates and SKUs have neither commas nor braces. */
const literal = (values: readonly (string | number)[]): string => `{${values.join(',')}}`;

function flatten(drafts: readonly Draft[]) {
  const skus = [...new Set(drafts.flatMap((d) => d.lines.map((l) => l.sku)))].sort();
  const numberOf = new Map(skus.map((sku, index) => [sku, index + 1]));
  const flat = drafts.flatMap((d, index) => d.lines.map((l) => ({ ...l, order: index + 1 })));
  return {
    skus,
    order: flat.map((l) => l.order),
    line: flat.map((l) => numberOf.get(l.sku) ?? 0),
    name: flat.map((l) => l.sku),
    quantity: flat.map((l) => l.quantity),
    price: flat.map((l) => l.unitPriceMinor),
  };
}
