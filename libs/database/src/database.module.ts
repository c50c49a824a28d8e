import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { ConfigOf } from '#libs/config';
import { databaseConfig } from './database.config.js';
import { Database } from './database.js';
import { DatabaseProbe } from './database.probe.js';
import { LeaderWitness } from './leader-witness.js';
import { openDatabase, type SchemaParts, type Whereabouts } from './open-database.js';

/** The service's own section, which says where it runs; declared above this library, so met by its token only. */
const SERVICE = Symbol.for('twofold.config.service');

/** Provides {@link Database} and {@link DatabaseProbe}; ends the sessions when everything else has stopped. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @param schema `orders`, `payments` …: first in the search path, and the schema of the entities */
  static forSchema(schema: string, parts: SchemaParts = {}): DynamicModule {
    const database = {
      provide: Database,
      useFactory: (settings: ConfigOf<typeof databaseConfig>, self?: Whereabouts, witness?: LeaderWitness) =>
        openDatabase(schema, parts, settings, { name: self?.name ?? schema, site: self?.site ?? '', witness }),
      inject: [databaseConfig.token, { token: SERVICE, optional: true }, { token: LeaderWitness, optional: true }],
    };
    return {
      module: DatabaseModule,
      global: true,
      providers: [database, DatabaseProbe],
      exports: [Database, DatabaseProbe],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
