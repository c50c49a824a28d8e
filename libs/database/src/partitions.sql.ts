/** Days that have a partition in advance; fewer than {@link MIN_DAYS_AHEAD} is degraded (R16). */
export const DAYS_AHEAD = 3;
/** @see DAYS_AHEAD */
export const MIN_DAYS_AHEAD = 2;

/** A table in day partitions. */
export type PartitionedTable = {
  readonly schema: string;
  /** Declared `PARTITION BY RANGE` on a UUIDv7 (`uuid`) or on a `date` (`day`). */
  readonly table: string;
  readonly by: 'uuid' | 'day';
  /** Full days a partition stays after its own, at least. */
  readonly keepDays: number;
  /** A function of the schema, `(regclass) RETURNS boolean`, that must agree before a partition goes: age alone is not enough. */
  readonly mayDrop?: string;
};

/**
 * Registers a table and makes its DEFAULT partition and those of yesterday (clocks differ), today and the days ahead.
 * Needs {@link partitionFunctionsSql} of the same schema before it.
 */
export function partitionedTableSql({ schema, table, by, keepDays, mayDrop }: PartitionedTable): string {
  return `
CREATE TABLE ${schema}.${table}_default PARTITION OF ${schema}.${table} DEFAULT;
INSERT INTO ${schema}.partitioned (table_name, by, keep_days, may_drop)
  VALUES ('${table}', '${by}', ${keepDays}, ${mayDrop === undefined ? 'NULL' : `'${mayDrop}'`});
SELECT ${schema}.add_partition('${table}', current_date + d) FROM generate_series(-1, ${DAYS_AHEAD}) d;
`;
}

/**
 * The schema's partition keeping: `maintain_partitions()` adds days and drops old ones. Services do not own their tables,
 * so the functions run as the owner (SECURITY DEFINER), with a fixed search path and no argument a service could bend.
 * Dropping is a plain DETACH: DETACH CONCURRENTLY is refused where a DEFAULT partition exists, and not getting a row in
 * would be worse than the lock, which is waited for {@link LOCK_TIMEOUT_MS} at most and held for a few ms.
 * @see https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION and docs/adr/0006
 */
export function partitionFunctionsSql(schema: string): string {
  return `
CREATE TABLE ${schema}.partitioned (
  table_name text PRIMARY KEY,
  by text NOT NULL CHECK (by IN ('uuid', 'day')),
  keep_days int NOT NULL CHECK (keep_days >= 1),
  may_drop text
);
${boundSql(schema)}${addPartitionSql(schema)}${dropPartitionSql(schema)}${maintainSql(schema)}
REVOKE ALL ON FUNCTION ${schema}.add_partition, ${schema}.drop_oldest_partition FROM PUBLIC;
`;
}

/** Writers queue behind a waiting exclusive lock: so it gives up soon, and is tried again at the next round. */
const LOCK_TIMEOUT_MS = 500;

/** The lowest key of a day: a date, or a UUIDv7 of its first millisecond (UTC). */
const boundSql = (schema: string): string => `
CREATE FUNCTION ${schema}.day_bound(p_by text, p_day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_by WHEN 'day' THEN p_day::text ELSE
    regexp_replace(lpad(to_hex((p_day - date '1970-01-01')::bigint * 86400000), 12, '0'), '^(.{8})(.{4})$', '\\1-\\2-0000-0000-000000000000') END
$$;
`;

/** Makes a day's partition beside the table and attaches it: CREATE … PARTITION OF would lock out readers. */
const addPartitionSql = (schema: string): string => `
CREATE FUNCTION ${schema}.add_partition(p_table text, p_day date) RETURNS boolean LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = ${schema}, pg_temp SET lock_timeout = '${LOCK_TIMEOUT_MS}ms' AS $$
DECLARE
  kind text := (SELECT t.by FROM ${schema}.partitioned t WHERE t.table_name = p_table);
  part text := p_table || '_' || to_char(p_day, 'YYYYMMDD');
BEGIN
  IF kind IS NULL OR to_regclass(format('${schema}.%I', part)) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE ${schema}.%I (LIKE ${schema}.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', part, p_table);
  EXECUTE format('ALTER TABLE ${schema}.%I ATTACH PARTITION ${schema}.%I FOR VALUES FROM (%L) TO (%L)',
    p_table, part, ${schema}.day_bound(kind, p_day), ${schema}.day_bound(kind, p_day + 1));
  RETURN true;
END $$;
`;

/** Drops the oldest day if it is old enough and its \`may_drop\` agrees; NULL when there is none, else what happened. */
const dropPartitionSql = (schema: string): string => `
CREATE FUNCTION ${schema}.drop_oldest_partition(p_table text) RETURNS text LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = ${schema}, pg_temp SET lock_timeout = '${LOCK_TIMEOUT_MS}ms' AS $$
DECLARE
  rule ${schema}.partitioned := (SELECT t FROM ${schema}.partitioned t WHERE t.table_name = p_table);
  part text; agreed boolean := true;
BEGIN
  SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = format('${schema}.%I', p_table)::regclass AND c.relname ~ '_[0-9]{8}$'
     AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - rule.keep_days
   ORDER BY right(c.relname, 8) LIMIT 1;
  IF part IS NULL THEN RETURN NULL; END IF;
  IF rule.may_drop IS NOT NULL THEN
    EXECUTE format('SELECT ${schema}.%I(%L::regclass)', rule.may_drop, format('${schema}.%I', part)) INTO agreed;
  END IF;
  IF NOT agreed THEN RETURN part || ' is still needed'; END IF;
  EXECUTE format('ALTER TABLE ${schema}.%I DETACH PARTITION ${schema}.%I', p_table, part);
  EXECUTE format('DROP TABLE ${schema}.%I', part);
  RETURN part || ' dropped';
END $$;
`;

/** One round over all tables of the schema, one process at a time; at most one day dropped per table, never near midnight. */
const maintainSql = (schema: string): string => `
CREATE FUNCTION ${schema}.maintain_partitions() RETURNS TABLE (table_name text, days_ahead int, added int, note text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
  rule ${schema}.partitioned; d int; quiet boolean := localtime BETWEEN '01:00' AND '23:00';
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('${schema}.partitions', 0)) THEN RETURN; END IF;
  FOR rule IN SELECT * FROM ${schema}.partitioned ORDER BY 1 LOOP
    table_name := rule.table_name; added := 0; note := NULL;
    BEGIN
      FOR d IN 0 .. ${DAYS_AHEAD} LOOP
        added := added + ${schema}.add_partition(rule.table_name, current_date + d)::int;
      END LOOP;
      IF quiet THEN note := ${schema}.drop_oldest_partition(rule.table_name); END IF;
    EXCEPTION WHEN lock_not_available OR check_violation OR deadlock_detected THEN
      note := SQLERRM;
    END;
    SELECT count(*) - 1 INTO days_ahead FROM generate_series(0, ${DAYS_AHEAD}) a
     WHERE to_regclass(format('${schema}.%I', rule.table_name || '_' || to_char(current_date + a, 'YYYYMMDD'))) IS NOT NULL;
    RETURN NEXT;
  END LOOP;
END $$;
`;
