import type { Bench } from './bench.js';
import { placementCost } from './p1-placement-cost.js';
import { usualStack } from './p2-usual-stack.js';
import { wholeSaga } from './p3-whole-saga.js';
import { statements } from './p4-statements.js';
import { hotSku } from './p5-hot-sku.js';
import { overloaded } from './p6-overload.js';
import { synchronousStandby } from './p7-synchronous-standby.js';
import { growth } from './p8-growth.js';
import { relay } from './p9-relay.js';
import { loadGenerator } from './p10-load-generator.js';

/** Every goal that can be measured here, in the order of the table. */
export const benches: readonly Bench[] = [
  placementCost,
  usualStack,
  wholeSaga,
  statements,
  hotSku,
  overloaded,
  synchronousStandby,
  growth,
  relay,
  loadGenerator,
];
