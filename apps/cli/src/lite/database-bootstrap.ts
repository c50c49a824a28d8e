import { bootstrapDatabase } from '#libs/database';
import type { Instance } from './instance.js';
import { readSecret } from './secrets.js';

/** Creates the roles, with the passwords of this instance's secrets, and the database. Safe to repeat. */
export function bootstrapLiteDatabase(instance: Instance): Promise<void> {
  const superuser = encodeURIComponent(readSecret(instance, 'database-superuser'));
  return bootstrapDatabase(`postgres://postgres:${superuser}@127.0.0.1:${instance.port('pg-1')}/postgres`, {
    twofold_owner: readSecret(instance, 'database-owner'),
    twofold_orders: readSecret(instance, 'database-orders'),
    twofold_payments: readSecret(instance, 'database-payments'),
    twofold_monitor: readSecret(instance, 'database-monitor'),
    twofold_checker: readSecret(instance, 'database-checker'),
  });
}
