import { named } from '#libs/database';

/** A worker says that it is alive; its payments are its own until it has been silent for the lease. */
export const beat = named(
  'worker-beat',
  `INSERT INTO workers (worker_id, alive_until) VALUES ($1, now() + $2::float8 * interval '1 millisecond')
   ON CONFLICT (worker_id) DO UPDATE SET alive_until = excluded.alive_until`,
);

/** Frees the payments of workers that fell silent, so that a living one goes on from the row. */
export const releaseSilent = named(
  'release-silent-workers',
  `UPDATE payments SET owner = NULL, next_at = least(next_at, now())
   WHERE owner IS NOT NULL AND owner <> $1
     AND owner NOT IN (SELECT worker_id FROM workers WHERE alive_until >= now())
   RETURNING payment_id`,
);

/** Hands on what a stopping worker has not finished. */
export const releaseOwn = named(
  'release-own-payments',
  `WITH gone AS (DELETE FROM workers WHERE worker_id = $1)
   UPDATE payments SET owner = NULL, next_at = least(next_at, now()) WHERE owner = $1`,
);

/** Forgets workers that ended long ago. */
export const forgetWorkers = named(
  'forget-workers',
  `DELETE FROM workers WHERE alive_until < now() - interval '1 hour'`,
);

/** Open payments by status, with the age of the oldest that is unknown. */
export const openPayments = named(
  'open-payments',
  `SELECT status, count(*)::int AS count,
     coalesce(extract(epoch FROM max(now() - unknown_since)), 0)::float8 AS "oldestUnknownSeconds"
   FROM payments WHERE owner IS NOT NULL OR next_at IS NOT NULL GROUP BY status`,
);
