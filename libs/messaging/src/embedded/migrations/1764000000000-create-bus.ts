import type { MigrationInterface, QueryRunner } from 'typeorm';
import { busSchemaSql } from '../bus-schema.sql.js';

/** Log, lanes and consumer groups of the embedded bus. */
export class CreateBus1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(busSchemaSql());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA bus CASCADE');
  }
}
