import type { MigrationInterface, QueryRunner } from 'typeorm';
import { partitionedTableSql } from '#libs/database';
import { SCHEMA } from '../schema.js';

/** Days after which an order may leave the tables: ten years, as the law asks of a shop. */
const ORDER_KEEP_DAYS = 3_653;
/** A key of yesterday must be found (R1); clients that try again after this long place a new order. */
const KEY_KEEP_DAYS = 3;

/**
 * The shelf and the orders. Orders and their items are range-partitioned on their own UUIDv7, so that uniqueness needs no
 * second column; keys are partitioned by the database's day (R1).
 */
export class CreateShop1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency, order_items, orders, stock, product');
  }
}

const statements = [
  `CREATE TABLE product (
    sku       text COLLATE "C" PRIMARY KEY,
    name      text NOT NULL,
    currency  text NOT NULL,
    -- pieces ever put on the shelf: stocked = available + sold, always
    stocked   integer NOT NULL CHECK (stocked >= 0)
  )`,
  // Half-full pages leave room for HOT updates: a hot SKU is rewritten with every batch.
  `CREATE TABLE stock (
    sku               text COLLATE "C" PRIMARY KEY,
    unit_price_minor  bigint NOT NULL CHECK (unit_price_minor >= 0),
    available         integer NOT NULL CHECK (available >= 0)
  ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)`,

  `CREATE TABLE orders (
    order_id        uuid PRIMARY KEY,
    customer_id     text COLLATE "C" NOT NULL,
    payment_id      uuid NOT NULL,
    payment_token   text NOT NULL,
    status          text NOT NULL DEFAULT 'PLACED' CHECK (status IN ('PLACED', 'CONFIRMED', 'CANCELLED', 'MANUAL_REVIEW')),
    cancel_reason   text,
    currency        text NOT NULL,
    total_minor     bigint NOT NULL,
    -- counts every change that the customer sees
    version         integer NOT NULL DEFAULT 1,
    -- newest event of this order
    event_seq       integer NOT NULL DEFAULT 1,
    -- newest event of its payment that was applied, and what it said
    payment_seq     integer NOT NULL DEFAULT 0,
    payment_status  text NOT NULL DEFAULT 'REQUESTED',
    provider        text,
    -- when payment was last asked to settle it (R21)
    asked_at        timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
  ) PARTITION BY RANGE (order_id)`,
  'CREATE INDEX orders_of_customer ON orders (customer_id, order_id)',
  // As small as the number of orders that wait for their payment.
  `CREATE INDEX orders_waiting ON orders (order_id) WHERE status = 'PLACED'`,

  `CREATE TABLE order_items (
    order_id          uuid NOT NULL,
    line              smallint NOT NULL,
    sku               text COLLATE "C" NOT NULL,
    quantity          integer NOT NULL CHECK (quantity > 0),
    unit_price_minor  bigint NOT NULL,
    PRIMARY KEY (order_id, line)
  ) PARTITION BY RANGE (order_id)`,

  // key: 128 bits of SHA-256 (customer, route, Idempotency-Key); request: of the canonical body.
  // body is text, because jsonb would reorder it (R3).
  `CREATE TABLE idempotency (
    day       date NOT NULL,
    key       uuid NOT NULL,
    request   uuid NOT NULL,
    order_id  uuid NOT NULL,
    status    smallint NOT NULL,
    location  text,
    body      text NOT NULL,
    PRIMARY KEY (key, day)
  ) PARTITION BY RANGE (day)`,

  partitionedTableSql({ schema: SCHEMA, table: 'orders', by: 'uuid', keepDays: ORDER_KEEP_DAYS }),
  partitionedTableSql({ schema: SCHEMA, table: 'order_items', by: 'uuid', keepDays: ORDER_KEEP_DAYS }),
  partitionedTableSql({ schema: SCHEMA, table: 'idempotency', by: 'day', keepDays: KEY_KEEP_DAYS }),
];
