import { z } from 'zod';
import { config, setting } from '#libs/config';
import { parseInstance } from './instance.js';

const staticInstances = z.string().transform((text, context) => {
  try {
    return text
      .split(',')
      .filter((entry) => entry.trim() !== '')
      .map((entry) => parseInstance(entry.trim()));
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** How instances find each other, and who is asked who leads the database. */
export const registryConfig = config('registry', {
  mode: setting(z.enum(['static', 'etcd']), 'static', '`static` takes the list below; `etcd` watches leases.'),
  static: setting(staticInstances, [], 'Instances in static mode, as `payment-1@seoul=http://127.0.0.1:8082,…`.'),
  etcd: setting(z.array(z.url()), [], 'Members of etcd, in etcd mode.'),
  user: setting.optional(z.string(), 'User of etcd; none when it asks for none.'),
  password: setting.optional(z.string(), 'Password of that user.', { secret: true }),
  callTimeoutMs: setting(
    z.int().min(100).max(5_000),
    900,
    'A member of etcd that does not answer in this time is passed over.',
  ),
  advertisedUrl: setting.optional(
    z.url(),
    'Address under which others reach this instance; without it, it does not register.',
  ),
  weight: setting(z.int().min(0).max(1000), 100, 'Share of calls this instance takes among its like.'),
  version: setting(z.string().max(64), '', 'Version this instance registers with.'),
  leaseSeconds: setting(z.int().min(2).max(60), 5, 'A silent instance, or a silent leader, is forgotten after this.'),
  patroniScope: setting(z.string(), 'twofold', 'Scope of the Patroni cluster whose leader key confirms the primary.'),
});
