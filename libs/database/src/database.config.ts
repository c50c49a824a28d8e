import { z } from 'zod';
import { config, setting } from '#libs/config';
import { parseNodes } from './node-list.js';

const nodeList = z.string().transform((text, context) => {
  try {
    return parseNodes(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a name of lower-case letters, digits and underscores');

/** Where the database is, who connects, and how long anything about it may take. */
export const databaseConfig = config('database', {
  nodes: setting.required(nodeList, 'Nodes as `pg-1@seoul=127.0.0.1:8086,…`; their roles are found out by probing.'),
  name: setting(identifier, 'twofold', 'Database to connect to.'),
  user: setting.required(identifier, 'Login role of this service.'),
  password: setting.required(z.string().min(1), 'Password of that role.', { secret: true }),
  ownerUser: setting(identifier, 'twofold_owner', 'Role that migrations log in as; no service needs it.'),
  ownerPassword: setting.optional(z.string().min(1), 'Password of the owner; for migrate and seed only.', {
    secret: true,
  }),
  maxConnections: setting(z.int().min(2).max(50), 20, 'Most pooled sessions of this process per node.'),
  idleConnections: setting(z.int().min(0).max(50), 10, 'Pooled sessions per node kept open while nobody needs them.'),
  connectTimeoutMs: setting(z.int().min(100).max(10_000), 2_000, 'After this a connection attempt counts as failed.'),
  answerTimeoutMs: setting(
    z.int().min(500).max(30_000),
    3_000,
    'A statement without answer for so long has its socket destroyed; its outcome is unknown (R8).',
  ),
  patienceMs: setting(z.int().min(0).max(60_000), 8_000, 'How long a write waits for a primary (R11).'),
  probeIntervalMs: setting(z.int().min(50).max(5_000), 500, 'Each node is probed this often.'),
  freshMs: setting(
    z.int().min(500).max(10_000),
    2_000,
    'A node is usable only while good probes follow each other within this time (R10).',
  ),
  maxReplicaLagMs: setting(z.int().min(0).max(60_000), 1_000, 'A replica further behind serves no reads.'),
  returnAfterMs: setting(
    z.int().min(0).max(600_000),
    10_000,
    'A node that was down serves reads again after it has been healthy for so long.',
  ),
  maxAbandoned: setting(
    z.int().min(1).max(50),
    8,
    'Sessions given up while their back end may still run, per node; no new statement is sent above this.',
  ),
});
