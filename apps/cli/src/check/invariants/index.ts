import type { Invariant } from '../invariant.js';
import { acknowledgedIsStored } from './acknowledged-is-stored.js';
import { becomesFinal } from './becomes-final.js';
import { effectsOnceInOrder } from './effects-once-in-order.js';
import { fencingTokensRise } from './fencing-tokens-rise.js';
import { legalMoves } from './legal-moves.js';
import { moneyMovesOnce } from './money-moves-once.js';
import { neverMissing } from './never-missing.js';
import { oneKeyOneOrder } from './one-key-one-order.js';
import { outboxIsPublished } from './outbox-is-published.js';
import { paymentsEqualLedgers } from './payments-equal-ledgers.js';
import { stockAddsUp } from './stock-adds-up.js';

/** Every promise, I1 to I11. */
export const invariants: readonly Invariant[] = [
  acknowledgedIsStored,
  moneyMovesOnce,
  becomesFinal,
  legalMoves,
  oneKeyOneOrder,
  stockAddsUp,
  effectsOnceInOrder,
  outboxIsPublished,
  neverMissing,
  fencingTokensRise,
  paymentsEqualLedgers,
];
