import { Inject, Injectable } from '@nestjs/common';
import { Probe, type ProbeResult } from '#libs/health';
import { Database } from './database.js';

/** Whether the service can reach its database. */
@Injectable()
export class DatabaseProbe extends Probe {
  readonly name = 'database';
  readonly critical = true;

  constructor(@Inject(Database) private readonly database: Database) {
    super();
  }

  async check(): Promise<ProbeResult> {
    return this.database.health();
  }
}
