import type { Invariant } from '../invariant.js';

export const stockAddsUp: Invariant = {
  id: 'I6',
  promise: 'what was stocked is free or sold, and never less than nothing is free',
  ofShelf: ({ sku, stocked, available, sold }) => {
    const complaints: string[] = [];
    if (available < 0) complaints.push(`${sku}: ${available} are free`);
    if (stocked !== available + sold) {
      complaints.push(
        `${sku}: ${stocked} were stocked, ${available} are free and ${sold} sold, which is ${available + sold}`,
      );
    }
    return complaints;
  },
};
