import type { Bench } from './bench.js';
import { placementCost } from './p1-placement-cost.js';

/** Every goal that can be measured here, in the order of the table. */
export const benches: readonly Bench[] = [placementCost];
