import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { generateDocs, staleDocs } from './generate-docs.js';

const repository = join(import.meta.dirname, '../../../..');

describe(generateDocs.name, () => {
  describe('when a setting or an error code has changed', () => {
    it('finds that the committed documents are stale (cure: npm run docs)', async () => {
      const docs = await generateDocs();
      expect(staleDocs(docs, repository)).toEqual([]);
      expect(staleDocs([{ path: 'docs/errors.md', text: 'something else' }], repository)).toEqual(['docs/errors.md']);
    });
  });
});
