import { Client } from 'pg';
import type { Instance } from './instance.js';
import { readSecret } from './secrets.js';

const SERVICES = ['orders', 'payments', 'monitor', 'checker'] as const;

/** Creates roles and database; running it again sets the passwords anew. */
export async function bootstrapLiteDatabase(instance: Instance): Promise<void> {
  const connection = { host: '127.0.0.1', port: instance.port('pg-1'), user: 'postgres', database: 'postgres' };
  const client = new Client({ ...connection, password: readSecret(instance, 'database-superuser') });
  await client.connect();
  try {
    for (const name of ['owner', ...SERVICES] as const) {
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [`twofold_${name}`]);
      if (rowCount === 0) await client.query(`CREATE ROLE twofold_${name}`);
      await client.query(`ALTER ROLE twofold_${name} LOGIN PASSWORD '${readSecret(instance, `database-${name}`)}'`);
    }
    await client.query('GRANT pg_read_all_data TO twofold_checker');
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'twofold'`);
    if (rowCount === 0) await client.query('CREATE DATABASE twofold OWNER twofold_owner');
  } finally {
    await client.end();
  }
}
