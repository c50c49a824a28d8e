import { DataSource, type EntityManager, type EntitySchema } from 'typeorm';
import type { Session } from './session.js';

// biome-ignore lint/complexity/noBannedTypes: TypeORM's own type of an entity class
type EntityClass = Function | EntitySchema;

/** Version the dialect is chosen for. */
const SERVER_VERSION = '17.0';

/**
 * TypeORM's knowledge of the entities, without any connection of its own: which node a transaction runs on is the router's
 * business, so every entity manager is bound to one of its sessions. (TypeORM's `replication` option has no failover.)
 */
export class EntitySource {
  private constructor(
    readonly schema: string,
    private readonly source: DataSource,
  ) {}

  /** @throws Error of TypeORM when an entity is not well-formed */
  static async open(schema: string, entities: readonly EntityClass[]): Promise<EntitySource> {
    const source = new DataSource({
      type: 'postgres',
      schema,
      entities: [...entities],
      synchronize: false,
      logging: false,
      installExtensions: false,
      driver: { Pool: UnusedPool },
    });
    Object.assign(source.driver, { version: SERVER_VERSION, database: 'unused', searchSchema: schema, schema });
    await source.initialize();
    return new EntitySource(schema, source);
  }

  /** An entity manager inside the transaction that `session` has begun; its `save` opens no transaction of its own. */
  managerOn(session: Session): EntityManager {
    const runner = this.source.createQueryRunner();
    Object.assign(runner, {
      databaseConnection: {
        query: (text: string, values?: unknown[]) => session.query({ text }, values),
        on: ignore,
        removeListener: ignore,
      },
      isTransactionActive: true,
      transactionDepth: 1,
    });
    return this.source.createEntityManager(runner);
  }
}

/** Satisfies TypeORM at start; nothing is ever run on it. */
class UnusedPool {
  on(): void {}

  connect(done: (error: undefined, connection: object, release: () => void) => void): void {
    done(undefined, { on: ignore, removeListener: ignore }, ignore);
  }

  end(done: () => void): void {
    done();
  }
}

function ignore(): void {}
