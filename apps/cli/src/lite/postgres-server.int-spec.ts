import { describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../../../test/support/test-database.js';

describe('the embedded Postgres', () => {
  describe('when a test file asks for a database', () => {
    it('hands out an empty one of version 17 that a marker in the log can be flushed to', async () => {
      await using database = await createTestDatabase();
      const [row] = await database.query<{ version: string; marker: string }>(
        `SELECT current_setting('server_version') AS version, pg_logical_emit_message(true, 'ack', '')::text AS marker`,
      );
      expect(row?.version).toMatch(/^17\./);
      expect(row?.marker).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    });
  });
});
