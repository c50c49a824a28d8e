import type { EntitySchema } from 'typeorm';
import type { ConfigOf } from '#libs/config';
import type { databaseConfig } from './database.config.js';
import { Database } from './database.js';
import { EntitySource } from './entity-source.js';
import type { LeaderWitness } from './leader-witness.js';
import { Router } from './router.js';
import { showNodes } from './router.metrics.js';
import type { Login } from './session.js';

/** Events of the embedded bus are in a schema of their own, which every service sees after its own. */
const BUS_SCHEMA = 'bus';

/** What a service has in the database. */
export type SchemaParts = {
  /** TypeORM entities of the schema. @default none */
  // biome-ignore lint/complexity/noBannedTypes: TypeORM's own type of an entity class
  readonly entities?: readonly (Function | EntitySchema)[];
};

/** Who this process is. */
export type Whereabouts = {
  /** Its name, shown by the server beside each session. */
  readonly name: string;
  /** Its site: reads prefer replicas there. */
  readonly site: string;
  /** Confirms the primary (R10). @default none: right for a single node only */
  readonly witness?: LeaderWitness | undefined;
};

/**
 * Opens the database for `schema`, outside of Nest too. Needs no running node: calls wait for one, bounded.
 * @throws Error of TypeORM when an entity is not well-formed
 */
export async function openDatabase(
  schema: string,
  parts: SchemaParts,
  settings: ConfigOf<typeof databaseConfig>,
  self: Whereabouts,
): Promise<Database> {
  const login: Login = {
    database: settings.name,
    user: settings.user,
    password: settings.password.reveal(),
    searchPath: [schema, BUS_SCHEMA],
    applicationName: self.name,
    connectTimeoutMs: settings.connectTimeoutMs,
    answerTimeoutMs: settings.answerTimeoutMs,
  };
  const source = await EntitySource.open(schema, parts.entities ?? []);
  const limits = {
    max: settings.maxConnections,
    idle: settings.idleConnections,
    maxAbandoned: settings.maxAbandoned,
  };
  const router = new Router(settings.nodes, { login, limits }, { ...settings, site: self.site }, self.witness);
  showNodes(router.nodes);
  router.start();
  return new Database(router, source, login, settings.patienceMs);
}
