import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import type { ConfigOf } from '#libs/config';
import { AppError } from '#libs/errors';
import { logger } from '#libs/telemetry';
import type { databaseConfig } from './database.config.js';
import type { NodeAddress } from './node-list.js';

/** What to migrate, and who may use it. */
export type MigrationPlan = {
  /** Schema of the tables, and of TypeORM's list of migrations done. */
  readonly schema: string;
  /** Classes whose names end in their time, as TypeORM wants them. */
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Roles that may read and write every table of the schema. @default the role `twofold_<schema>`; for `bus` both services */
  readonly grantTo?: readonly string[];
  /** Days that tables in day partitions keep, where they differ from what their migration said. */
  readonly keepDays?: Readonly<Record<string, number>>;
};

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
/** How long to look for a primary: it may only just be starting. */
const PRIMARY_PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;

const log = logger('migrate');

/**
 * Brings one schema up to date as the owner, and grants its roles what they need. Any number of processes may call it at
 * once: they take turns under an advisory lock, and each migration runs once, in a transaction of its own.
 * @throws AppError `unavailable` when no node is a primary within 30 s; whatever a migration throws
 */
export async function migrate(plan: MigrationPlan, settings: ConfigOf<typeof databaseConfig>): Promise<void> {
  const names = [plan.schema, ...grantees(plan)];
  const wrong = names.find((name) => !IDENTIFIER.test(name));
  if (wrong !== undefined) throw new Error(`"${wrong}" is not a plain SQL name.`);
  const client = await primaryAsOwner(settings);
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`migrate:${plan.schema}`]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${plan.schema}`);
    const done = await runMigrations(plan, client, settings);
    for (const [table, days] of Object.entries(plan.keepDays ?? {})) await keep(client, plan.schema, table, days);
    await client.query(grants(plan));
    log.info({ schema: plan.schema, done }, 'schema is up to date');
  } finally {
    // Ending the session gives the lock back.
    await client.end();
  }
}

async function keep(client: pg.Client, schema: string, table: string, days: number): Promise<void> {
  const sql = `UPDATE ${schema}.partitioned SET keep_days = $2 WHERE table_name = $1`;
  const { rowCount } = await client.query(sql, [table, days]);
  if (rowCount === 0)
    throw new Error(`${schema}.${table} is no table in day partitions: nothing there has a retention.`);
}

function grantees({ schema, grantTo }: MigrationPlan): readonly string[] {
  if (grantTo) return grantTo;
  return schema === 'bus' ? ['twofold_orders', 'twofold_payments'] : [`twofold_${schema}`];
}

const grants = (plan: MigrationPlan): string => {
  const { schema } = plan;
  return grantees(plan)
    .map(
      (role) => `
        GRANT USAGE ON SCHEMA ${schema} TO ${role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT USAGE, SELECT ON SEQUENCES TO ${role};`,
    )
    .join('\n');
};

async function runMigrations(
  plan: MigrationPlan,
  lockHolder: pg.Client,
  settings: ConfigOf<typeof databaseConfig>,
): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    host: lockHolder.host,
    port: lockHolder.port,
    ...ownerLogin(settings),
    schema: plan.schema,
    migrations: [...plan.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    logging: false,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: { options: `-c timezone=UTC -c search_path=${plan.schema},bus`, max: 2 },
  });
  await source.initialize();
  try {
    return (await source.runMigrations()).map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}

function ownerLogin(settings: ConfigOf<typeof databaseConfig>): {
  username: string;
  password: string;
  database: string;
} {
  if (!settings.ownerPassword)
    throw new AppError({
      code: 'config-invalid',
      kind: 'bug',
      message:
        'Migrations need the owner: set DATABASE_OWNER_PASSWORD, or DATABASE_OWNER_PASSWORD_FILE to a file with it.',
    });
  return { username: settings.ownerUser, password: settings.ownerPassword.reveal(), database: settings.name };
}

async function primaryAsOwner(settings: ConfigOf<typeof databaseConfig>): Promise<pg.Client> {
  const { username: user, ...login } = ownerLogin(settings);
  const deadlineMs = performance.now() + PRIMARY_PATIENCE_MS;
  let cause: unknown;
  while (performance.now() < deadlineMs) {
    for (const node of settings.nodes) {
      const client = clientOf(node, { user, ...login });
      try {
        await client.connect();
        const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
        if (rows[0]?.standby === false) return client;
        await client.end();
      } catch (error) {
        cause = error;
        await client.end().catch(() => undefined);
      }
    }
    await sleep(LOOK_AGAIN_MS);
  }
  throw new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message: `No node of DATABASE_NODES is a primary that lets ${user} in. Start the database, or correct the password.`,
    cause,
  });
}

function clientOf(node: NodeAddress, login: { user: string; password: string; database: string }): pg.Client {
  const client = new pg.Client({
    host: node.host,
    port: node.port,
    ...login,
    password: login.password,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'migrate',
  });
  client.on('error', (error) => log.warn({ err: error, node: node.name }, 'migration session broke'));
  return client;
}
