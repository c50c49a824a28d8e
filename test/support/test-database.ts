import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** Environment variables by which Jest's workers learn where the server of {@link startPostgres} is. */
export const TEST_POSTGRES_PORT = 'TEST_POSTGRES_PORT';
/** @see TEST_POSTGRES_PORT */
export const TEST_POSTGRES_PASSWORD = 'TEST_POSTGRES_PASSWORD';

const HOST = '127.0.0.1';
/** Every role but the superuser has this password; the server listens on the loopback only and lives as long as the tests. */
const ROLE_PASSWORD = 'test';
const SERVICE_ROLES = ['twofold_orders', 'twofold_payments', 'twofold_monitor', 'twofold_checker'] as const;
const ROLES = ['twofold_owner', ...SERVICE_ROLES] as const;

/** Who connects. */
export type TestRole = (typeof ROLES)[number];

/** A fresh database of one test file. */
export type TestDatabase = AsyncDisposable & {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Settings for `loadConfig(compose({ database: databaseConfig }), …)`: of a service's role, and of the owner for `migrate`. */
  environment(role?: TestRole): Record<string, string>;
  /** For plain `pg` clients. */
  url(role?: TestRole | 'postgres'): string;
  /** Runs SQL as the superuser, for looking behind the scenes. */
  query<R extends object>(sql: string, values?: unknown[]): Promise<R[]>;
};

/** Creates the cluster's roles; once per server. */
export async function createTestRoles(): Promise<void> {
  await asSuperuser('postgres', async (client) => {
    for (const role of ROLES) await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${ROLE_PASSWORD}'`);
    await client.query('GRANT pg_read_all_data TO twofold_checker');
    await client.query(`GRANT pg_read_all_stats TO ${SERVICE_ROLES.join(', ')}`);
  });
}

/**
 * Creates an empty database owned by `twofold_owner` on the server that Jest's globalSetup started. Disposing drops it.
 * @throws Error when no server was started: run integration tests by `jest --selectProjects integration`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser('postgres', async (client) => {
    await client.query(`CREATE DATABASE ${name} OWNER twofold_owner`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${SERVICE_ROLES.join(', ')}`);
  });
  const { port } = server();
  return {
    name,
    host: HOST,
    port,
    environment: (role = 'twofold_orders') => ({
      DATABASE_NODES: `pg-1@seoul=${HOST}:${port}`,
      DATABASE_NAME: name,
      DATABASE_USER: role,
      DATABASE_PASSWORD: ROLE_PASSWORD,
      DATABASE_OWNER_USER: 'twofold_owner',
      DATABASE_OWNER_PASSWORD: ROLE_PASSWORD,
    }),
    url: (role = 'twofold_orders') => urlOf(name, role),
    query: (sql, values) => asSuperuser(name, async (client) => (await client.query(sql, values)).rows),
    [Symbol.asyncDispose]: () =>
      asSuperuser('postgres', async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

function urlOf(database: string, role: TestRole | 'postgres'): string {
  const { port, password } = server();
  return `postgres://${role}:${role === 'postgres' ? password : ROLE_PASSWORD}@${HOST}:${port}/${database}`;
}

function server(): { port: number; password: string } {
  const port = process.env[TEST_POSTGRES_PORT];
  const password = process.env[TEST_POSTGRES_PASSWORD];
  if (port === undefined || password === undefined)
    throw new Error('No test Postgres runs. Start integration tests by `jest --selectProjects integration`.');
  return { port: Number(port), password };
}

async function asSuperuser<T>(database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: urlOf(database, 'postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
