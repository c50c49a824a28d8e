import { z } from 'zod';

/** Topology that runs. */
export const mode = z.enum(['lite', 'ha', 'spof']);
/** @see mode */
export type Mode = z.infer<typeof mode>;

/** Kind of a process, for people and drills. */
export const serviceGroup = z.enum([
  'order',
  'payment',
  'psp',
  'monitor',
  'edge',
  'postgres',
  'etcd',
  'redis',
  'sentinel',
  'kafka',
  'gate',
]);
/** @see serviceGroup */
export type ServiceGroup = z.infer<typeof serviceGroup>;

/** One process or container, engines included. `pid` is the process whose death is the service's. */
export const serviceStatus = z.strictObject({
  name: z.string(),
  group: serviceGroup,
  site: z.string(),
  url: z.url().optional(),
  pid: z.int().min(1).optional(),
  container: z.string().optional(),
  health: z.enum(['up', 'degraded', 'down', 'unknown']),
});
/** @see serviceStatus */
export type ServiceStatus = z.infer<typeof serviceStatus>;

/** What `twofold status --json` prints. URLs are reachable from the host. */
export const systemStatus = z.strictObject({
  mode,
  frontDoors: z.array(z.url()),
  dashboards: z.array(z.url()),
  providers: z.array(z.strictObject({ name: z.string(), url: z.url() })),
  services: z.array(serviceStatus),
});
/** @see systemStatus */
export type SystemStatus = z.infer<typeof systemStatus>;
