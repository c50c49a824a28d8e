import type { MigrationInterface, QueryRunner } from 'typeorm';
import { relayLookSql } from '#libs/outbox';
import { SCHEMA } from '../schema.js';

/** The relay notes the last id drawn under the sequence's lock (ADR 11): before, it could skip an event. */
export class ReadSequenceUnderLock1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(relayLookSql(SCHEMA));
  }

  /** What was there before could skip events: never back to it. */
  async down(): Promise<void> {}
}
