import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments, their attempts, and who works on them. */
export class CreatePayments1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payments (
        payment_id uuid PRIMARY KEY,
        order_id uuid NOT NULL UNIQUE,
        customer_id text NOT NULL,
        currency text NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
        payment_token text,
        status text NOT NULL CHECK (status IN
          ('REQUESTED', 'PROCESSING', 'SUCCEEDED', 'DECLINED', 'UNKNOWN', 'FAILED', 'REFUNDING', 'REFUNDED')),
        provider text,
        unwanted boolean NOT NULL DEFAULT false,
        decline_code text,
        seq integer NOT NULL DEFAULT 0,
        order_seq integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0,
        first_asked_at timestamptz,
        asked_at timestamptz,
        unknown_since timestamptz,
        owner uuid,
        next_at timestamptz,
        correlation_id text,
        traceparent text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 80)`);
    await runner.query(`
      CREATE INDEX payments_due ON payments ((coalesce(provider, '')), next_at)
      WHERE owner IS NULL AND next_at IS NOT NULL`);
    await runner.query('CREATE INDEX payments_owned ON payments (owner) WHERE owner IS NOT NULL');
    await runner.query(`
      CREATE TABLE attempts (
        payment_id uuid NOT NULL,
        attempt integer NOT NULL,
        provider text NOT NULL,
        step text NOT NULL,
        outcome text,
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        PRIMARY KEY (payment_id, attempt)
      )`);
    await runner.query('CREATE TABLE workers (worker_id uuid PRIMARY KEY, alive_until timestamptz NOT NULL)');
    await runner.query(`
      CREATE TABLE ledger_cursors (
        provider text PRIMARY KEY,
        seq bigint NOT NULL,
        busy_until timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ledger_cursors, workers, attempts, payments');
  }
}
