import { counter, gauge, logger } from '#libs/telemetry';
import type { Database } from './database.js';
import { MIN_DAYS_AHEAD } from './partitions.sql.js';
import { named } from './statement.js';

/** How often partitions are looked after, in ms: days ahead are many, so one round in ten minutes may fail often. */
export const KEEP_EVERY_MS = 600_000;
/** After a failure, in ms. */
const RETRY_AFTER_MS = 30_000;
/** Waits for a primary no longer than this, in ms: the next round comes anyway, and a stop must not take long. */
const PATIENCE_MS = 1_000;
/** So that twins that start together do not look at once, in ms. */
const MAX_FIRST_DELAY_MS = 5_000;

type Round = { table_name: string; days_ahead: number; added: number; note: string | null };

const log = logger('database');
const daysAhead = gauge('partition_days_ahead', 'Days from tomorrow on that have a partition, by table.', ['table']);
const changes = counter('partition_changes_total', 'Day partitions made and dropped.', ['change']);

/**
 * Keeps the day partitions of a schema: makes them days ahead, drops old ones that nobody needs (R16). Every process may
 * run one: the database lets one at a time work.
 */
export class PartitionKeeper {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private readonly short = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly schema: string,
  ) {}

  /** Tables with fewer than {@link MIN_DAYS_AHEAD} days ahead: a reason to call the service degraded. */
  get tablesRunningShort(): readonly string[] {
    return [...this.short];
  }

  start(): void {
    this.plan(Math.random() * MAX_FIRST_DELAY_MS);
  }

  /** Resolves when the running round has ended. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.working;
    clearTimeout(this.timer);
  }

  /** One round now. */
  async keep(): Promise<void> {
    const rounds = await this.database.call<Round>(maintainPartitions(this.schema), [], { patienceMs: PATIENCE_MS });
    for (const round of rounds) this.note(round);
  }

  private plan(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.working = this.keep().then(
        () => this.plan(KEEP_EVERY_MS),
        (error: unknown) => {
          log.warn({ err: error, schema: this.schema }, 'partitions could not be looked after');
          this.plan(RETRY_AFTER_MS);
        },
      );
    }, afterMs).unref();
  }

  private note({ table_name, days_ahead, added, note }: Round): void {
    const table = `${this.schema}.${table_name}`;
    daysAhead.set({ table }, days_ahead);
    if (days_ahead < MIN_DAYS_AHEAD) this.short.add(table);
    else this.short.delete(table);
    if (added > 0) changes.inc({ change: 'added' }, added);
    if (note?.endsWith(' dropped')) changes.inc({ change: 'dropped' });
    if (added > 0 || note !== null) log.info({ table, daysAhead: days_ahead, added, note }, 'partitions looked after');
  }
}

const maintainPartitions = (schema: string) =>
  named(
    `${schema}-maintain-partitions`,
    `SELECT table_name, days_ahead, added, note FROM ${schema}.maintain_partitions()`,
  );
