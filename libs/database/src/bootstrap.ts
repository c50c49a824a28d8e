import pg from 'pg';

/** Login roles: of migrations, of each service, of the monitor, and of the checker, which may read everything. */
export const DATABASE_ROLES = [
  'twofold_owner',
  'twofold_orders',
  'twofold_payments',
  'twofold_monitor',
  'twofold_checker',
] as const;
/** @see DATABASE_ROLES */
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** Password of every role. */
export type RolePasswords = Readonly<Record<DatabaseRole, string>>;

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Creates what an administrator must: the login roles with these passwords and the database, owned by `twofold_owner`.
 * Safe to repeat, also at once from several processes; passwords are set anew each time.
 * @param adminUrl `postgres://…` of a superuser, naming any existing database
 */
export async function bootstrapDatabase(
  adminUrl: string,
  passwords: RolePasswords,
  database = 'twofold',
): Promise<void> {
  if (!IDENTIFIER.test(database)) throw new Error(`"${database}" is not a plain database name.`);
  const admin = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await admin.connect();
  try {
    await admin.query(`SELECT pg_advisory_lock(hashtextextended('bootstrap', 0))`);
    for (const role of DATABASE_ROLES) await ensureRole(admin, role, passwords[role]);
    await admin.query('GRANT pg_read_all_data TO twofold_checker');
    // The router reads which timeline a standby receives, which is hidden from ordinary roles.
    await admin.query('GRANT pg_read_all_stats TO twofold_orders, twofold_payments, twofold_monitor, twofold_checker');
    await ensureDatabase(admin, database);
  } finally {
    await admin.end();
  }
}

async function ensureRole(admin: pg.Client, role: DatabaseRole, password: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await admin.query(`${verb} ROLE ${role} LOGIN NOSUPERUSER PASSWORD ${admin.escapeLiteral(password)}`);
}

async function ensureDatabase(admin: pg.Client, database: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) await admin.query(`CREATE DATABASE ${database} OWNER twofold_owner`);
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${DATABASE_ROLES.join(', ')}`);
}
