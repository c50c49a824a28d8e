import { z } from 'zod';
import { config, setting } from '#libs/config';
import { mode } from '#libs/contracts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and dashes, as in order-1');
const port = z.int().min(0).max(65_535);

/** Who a process is. */
export const serviceConfig = config('service', {
  name: setting.required(name, 'Name of this instance, as in `order-1`; the kind of service when not set.'),
  site: setting(name, 'seoul', 'Site this instance runs in.'),
  mode: setting(mode, 'lite', 'Topology this instance is part of.'),
  drainMs: setting(
    z.int().min(0).max(60_000),
    0,
    'How long a stopping instance goes on serving, not ready, so that load balancers notice: more than their check interval.',
  ),
  shutdownTimeoutMs: setting(
    z.int().min(500).max(120_000),
    10_000,
    'After this a stopping process ends, finished or not.',
  ),
});

/** How a process is reached. */
export const httpConfig = config('http', {
  host: setting(z.string().min(1), '127.0.0.1', 'Address both servers listen on.'),
  port: setting(port, 8080, 'Port of the public interface; 0 takes a free one.'),
  managementPort: setting(port, 9080, 'Port of `/metrics`, plain HTTP; 0 takes a free one.'),
  keepAliveTimeoutMs: setting(
    z.int().min(1000).max(600_000),
    75_000,
    'Idle connections are closed after this: longer than the load balancer keeps its own, or it meets closed ones.',
  ),
  requestTimeoutMs: setting(z.int().min(1000).max(300_000), 15_000, 'A request must have arrived whole after this.'),
  trustProxy: setting(z.boolean(), false, 'Believe `X-Forwarded-*`: only behind a proxy that sets them.'),
});
