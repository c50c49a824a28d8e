import type { EntityManager } from 'typeorm';
import type { EntitySource } from './entity-source.js';
import type { Session } from './session.js';
import type { Statement } from './statement.js';

/** One transaction in progress. It must not be used after the work it was handed to has returned. */
export interface Tx {
  /**
   * Runs one statement and gives its rows; `int8` comes as a number.
   * @throws Error of the driver with `code` (SQLSTATE): see {@link sqlStateOf}
   */
  run<R>(statement: Statement, values?: readonly unknown[]): Promise<R[]>;
  /** TypeORM on this very transaction. */
  readonly entities: EntityManager;
  /** The service's schema. */
  readonly schema: string;
}

/** A {@link Tx} on a session that has begun a transaction. */
export class SessionTx implements Tx {
  private manager: EntityManager | undefined;

  constructor(
    private readonly session: Session,
    private readonly source: EntitySource,
  ) {}

  get schema(): string {
    return this.source.schema;
  }

  get entities(): EntityManager {
    this.manager ??= this.source.managerOn(this.session);
    return this.manager;
  }

  async run<R>(statement: Statement, values?: readonly unknown[]): Promise<R[]> {
    return (await this.session.query<R>(statement, values)).rows;
  }
}
