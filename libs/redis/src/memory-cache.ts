import { Cache } from './cache.js';

/** Most entries kept; the oldest written goes first. */
export const MAX_CACHED_ENTRIES = 10_000;

/** A cache of this process alone. */
export class MemoryCache extends Cache {
  private readonly entries = new Map<string, { value: string; expiresAtMs: number }>();

  constructor(
    private readonly now: () => number = Date.now,
    private readonly maxEntries = MAX_CACHED_ENTRIES,
  ) {
    super();
  }

  override async get(key: string): Promise<string | undefined> {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAtMs > this.now()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  override async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.entries.delete(key);
    this.entries.set(key, { value, expiresAtMs: this.now() + ttlMs });
    if (this.entries.size <= this.maxEntries) return;
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      return;
    }
  }
}
