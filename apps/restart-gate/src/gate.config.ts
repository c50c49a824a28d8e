import { z } from 'zod';
import { config, setting } from '#libs/config';
import { targetList } from '#libs/contracts';

/** What the gate may touch, and how. */
export const gateConfig = config('gate', {
  targets: setting.required(
    targetList,
    'The allow-list, as `order-1@seoul=http://host:8080,pg-1@seoul=tcp://host:5432`: nothing else is ever restarted.',
  ),
  project: setting(
    z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
    'twofold',
    'Compose project: containers are `<project>-<target>-1`.',
  ),
  dockerSocket: setting(z.string(), '/var/run/docker.sock', 'Socket of the container engine.'),
  lookIntervalMs: setting(z.int().min(100).max(5_000), 500, 'How often jobs are looked for.'),
  patroniUser: setting(z.string(), 'patroni', 'User at the REST interface of Patroni.'),
  patroniPassword: setting.optional(z.string().min(1), 'Its password; without it no switchover and no reinitialize.', {
    secret: true,
  }),
});
