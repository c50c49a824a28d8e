import { describe, expect, it } from '@jest/globals';
import { AppError, type ErrorKind, errorCatalogue, isRetryable, renderErrorsDoc } from './index.js';

const errorOf = (kind: ErrorKind): AppError => new AppError({ code: 'unavailable', kind, message: 'Down.' });

describe(isRetryable.name, () => {
  describe('when nothing happened yet, or nobody knows', () => {
    it.each(['in-flight', 'overloaded', 'unavailable', 'unknown-outcome'] as const)('%s may be tried again', (kind) => {
      expect(isRetryable(errorOf(kind))).toBe(true);
    });
  });

  describe('when the same attempt fails the same way', () => {
    it.each(['invalid', 'conflict', 'poison', 'bug'] as const)('%s may not', (kind) => {
      expect(isRetryable(errorOf(kind))).toBe(false);
    });

    it('nor an error nobody threw on purpose', () => {
      expect(isRetryable(new Error('surprise'))).toBe(false);
    });
  });
});

describe(renderErrorsDoc.name, () => {
  describe('for the whole catalogue', () => {
    it('tells of every code what happened and what to do, in sentences', () => {
      const doc = renderErrorsDoc();
      for (const [code, { meaning, cure }] of Object.entries(errorCatalogue)) {
        expect(doc).toContain(`| \`${code}\` |`);
        expect([code, meaning]).toEqual([code, expect.stringMatching(/\.$/)]);
        expect([code, cure]).toEqual([code, expect.stringMatching(/\.$/)]);
      }
    });
  });
});
