import { type CatalogueEntry, errorCatalogue } from './catalogue.js';
import { RETRYABLE_KINDS } from './kind.js';

/** Text of `docs/errors.md`. A test compares it with the committed file. */
export function renderErrorsDoc(catalogue: Readonly<Record<string, CatalogueEntry>> = errorCatalogue): string {
  const rows = Object.entries(catalogue).map(
    ([code, { kind, meaning, cure }]) =>
      `| \`${code}\` | ${kind} | ${RETRYABLE_KINDS.has(kind) ? 'yes' : 'no'} | ${meaning} | ${cure} |`,
  );
  return [
    '# Error codes',
    '',
    '<!-- Generated from libs/errors/src/catalogue.ts: change it there. -->',
    '',
    'Every error answer is a problem document (RFC 9457) with one of these codes and a `correlationId` to look up in the log.',
    '`retry` says whether the very same request may succeed later; then `Retry-After` says when.',
    '',
    '| code | kind | retry | meaning | what to do |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
