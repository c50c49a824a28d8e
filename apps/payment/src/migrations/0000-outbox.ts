import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxSchemaSql } from '#libs/outbox';
import { SCHEMA } from '../schema.js';

/** Outbox, inbox, relay lanes and the keeping of their partitions. */
export class CreateOutbox1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(outboxSchemaSql(SCHEMA));
  }

  /** Never down: events that were not sent yet would be lost. */
  async down(): Promise<void> {
    throw new Error('The outbox cannot be taken away: restore a backup instead.');
  }
}
