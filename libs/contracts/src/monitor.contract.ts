import { z } from 'zod';
import { serviceGroup } from './status.contract.js';

/** A target as the monitor judges it. `out`: set aside, its twin serves alone. */
export const watchedTarget = z.object({
  name: z.string(),
  group: serviceGroup,
  site: z.string(),
  tier: z.enum(['service', 'data']),
  state: z.enum(['unknown', 'well', 'suspect', 'restarting', 'out']),
  /** In words: what the last look found. */
  detail: z.string(),
  failures: z.int(),
  restarts: z.int(),
  /** Roles, lags, sizes. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
/** @see watchedTarget */
export type WatchedTarget = z.infer<typeof watchedTarget>;

/** What `GET /api/state` of a monitor answers. */
export const monitorState = z.object({
  monitor: z.string(),
  /** Who acts now; nobody between two terms. */
  leader: z.string().optional(),
  /** Fencing token of the leader's term. */
  token: z.string().optional(),
  dryRun: z.boolean(),
  standingBack: z.boolean(),
  maintenance: z.array(z.string()),
  targets: z.array(watchedTarget),
  alerts: z.array(z.object({ key: z.string(), kind: z.string(), text: z.string(), runbook: z.string() })),
  syntheticOrder: z
    .object({ ok: z.boolean(), door: z.string(), tookMs: z.number(), detail: z.string(), at: z.string() })
    .optional(),
  report: z.unknown(),
  at: z.iso.datetime(),
});
/** @see monitorState */
export type MonitorState = z.infer<typeof monitorState>;
