import { z } from 'zod';
import { config, setting } from '#libs/config';
import { targetList } from '#libs/contracts';

/** What is watched, how often, and what may be done about it. */
export const monitorConfig = config('monitor', {
  targets: setting.required(
    targetList,
    'What is watched, as `order-1@seoul=http://host:8080#9080,pg-1@seoul=tcp://host:5432`; after `#` the port of `/metrics`.',
  ),
  intervalMs: setting(
    z.int().min(100).max(60_000),
    1_000,
    'Each target is looked at this often; Redis, Kafka and etcd, which heal by themselves, half as often.',
  ),
  limitMs: setting(z.int().min(100).max(10_000), 1_000, 'A target without an answer for so long has failed once.'),
  reportIntervalMs: setting(z.int().min(1_000).max(600_000), 30_000, 'How often the infrastructure report is made.'),
  evidenceIntervalMs: setting(
    z.int().min(500).max(60_000),
    10_000,
    'How often the metrics of services are read for what they know of others.',
  ),
  frontDoors: setting(z.array(z.url()).max(8), [], 'Front doors for synthetic orders; none: no synthetic orders.'),
  syntheticIntervalMs: setting(z.int().min(1_000).max(600_000), 10_000, 'How often an order is placed as a test.'),
  syntheticLimitMs: setting(z.int().min(1_000).max(60_000), 9_000, 'It must be confirmed within this time.'),
  syntheticToken: setting.optional(z.string().min(1), 'Token of the customer `synthetic`.', { secret: true }),
  alertWebhookUrl: setting.optional(z.url(), 'Where alerts are posted; without it they are logged and shown only.'),
  runbookUrl: setting(z.string(), 'docs/runbooks', 'Where runbooks lie: alerts link to `<this>/<alert>.md`.'),
  dryRun: setting(z.boolean(), false, 'Decide and say so, but do nothing.'),
  leaseRevocation: setting(
    z.boolean(),
    true,
    'Vote on revoking the lease of a database leader that is frozen: 6 to 8 s instead of 22.',
  ),
  dataFolder: setting.optional(z.string().min(1), 'Where decisions are kept when there is no etcd.'),
  launcherState: setting.optional(z.string().min(1), 'State file of the launcher that started us; it restarts, too.'),
  redisUser: setting(z.string(), 'monitor', 'User at Redis.'),
  redisPassword: setting.optional(z.string().min(1), 'Password at Redis.', { secret: true }),
  sentinelPassword: setting.optional(z.string().min(1), 'Password at the Sentinels.', { secret: true }),
  sentinelMaster: setting(z.string(), 'mymaster', 'Name under which the Sentinels watch the master.'),
});
