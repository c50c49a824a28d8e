import type { CheckReport } from './run-check.js';

/** A report for people. */
export function renderCheck({ isGood, facts, verdicts }: CheckReport): string {
  return [
    `${facts.acknowledged} acknowledgements in ${facts.attempts} attempts (${facts.unanswered} without an end), ` +
      `${facts.orders} orders, ${facts.payments} payments, ${facts.ledgerLines} ledger lines, ` +
      `${facts.events} events, ${facts.records} records`,
    '',
    ...verdicts.flatMap(({ id, promise, isKept, violations, examples }) => [
      `${isKept ? 'kept  ' : 'BROKEN'} ${id.padEnd(3)} ${promise}${isKept ? '' : ` (${violations} times)`}`,
      ...examples.map((example) => `           - ${example}`),
      ...(violations > examples.length ? [`           - and ${violations - examples.length} more`] : []),
    ]),
    '',
    isGood ? 'Every promise was kept.' : 'Promises were broken.',
  ].join('\n');
}
