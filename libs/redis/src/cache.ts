/**
 * Short-lived copies of things that can be read again. A failing cache is a miss, never an error; losing it loses nothing.
 */
export abstract class Cache {
  /** The text under `key` unless older than its `ttlMs`; `undefined` also when the cache cannot be reached. */
  abstract get(key: string): Promise<string | undefined>;
  /** Keeps `value` for at most `ttlMs` (1 to 3,600,000). Best effort: resolves also when the cache cannot be reached. */
  abstract set(key: string, value: string, ttlMs: number): Promise<void>;
}
