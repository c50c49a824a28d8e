/** Most records of one lane that are handled beside each other. */
export const WINDOW_RECORDS = 16;

/** How a window of records ended. */
export type WindowEnd<R> = {
  /** So many records at its beginning are done. Some after them may be as well: they come again, and the inbox knows them. */
  readonly done: number;
  /** The record after those, and why its effect could not be made. */
  readonly failed?: { readonly record: R; readonly error: unknown };
};

/**
 * Handles the next records of a lane: those of one key one after the other, as an aggregate's events must be (R15), those of
 * different keys beside each other, so that they can share a transaction. A lane that took one at a time could do no more
 * than one divided by the time a COMMIT takes, twelve of them on a busy machine a hundred a second. Never rejects.
 */
export async function handleWindow<R>(
  records: readonly R[],
  keyOf: (record: R) => string,
  handle: (record: R, index: number) => Promise<void>,
): Promise<WindowEnd<R>> {
  const isDone = records.map(() => false);
  const errors: unknown[] = [];
  const handleInOrder = async (indices: readonly number[]): Promise<void> => {
    for (const index of indices) {
      try {
        await handle(records[index] as R, index);
        isDone[index] = true;
      } catch (error) {
        errors[index] = error;
        return;
      }
    }
  };
  const byKey = Map.groupBy(records.keys(), (index) => keyOf(records[index] as R));
  await Promise.all([...byKey.values()].map(handleInOrder));
  const done = isDone.indexOf(false);
  if (done === -1) return { done: records.length };
  // What was not begun stands behind a failure of its key: the first that is not done has failed itself.
  return { done, failed: { record: records[done] as R, error: errors[done] } };
}
