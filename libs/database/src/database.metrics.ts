import { counter } from '#libs/telemetry';
import type { Outcome } from './transaction.js';

const outcomes = counter('database_outcomes_total', 'Transactions and statements by how they ended', [
  'call',
  'outcome',
]);

/** Kind of access, as counted. */
export type CallKind = 'write' | 'call' | 'read';

export const countOutcome = (call: CallKind, outcome: Outcome<unknown>['kind'] | 'unavailable'): void =>
  outcomes.inc({ call, outcome });
