import { hash } from 'node:crypto';
import type { Identity } from './identity.js';

/** Tokens remembered; each costs about 200 bytes. */
export const MAX_CACHED_TOKENS = 10_000;

type Entry = { readonly identity: Identity; readonly expiresAtMs: number };

/** Verified tokens by their hash, until they expire: checking a signature costs a hundred times a hash. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly limit: number = MAX_CACHED_TOKENS) {}

  get size(): number {
    return this.#entries.size;
  }

  /** Who the token was verified to be, while it has not expired. */
  get(key: string, nowMs: number): Identity | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs > nowMs) return entry.identity;
    this.#entries.delete(key);
    return undefined;
  }

  /** Remembers a verified token; the oldest one goes when there are too many. */
  set(key: string, identity: Identity, expiresAtMs: number): void {
    if (this.#entries.size >= this.limit) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { identity, expiresAtMs });
  }
}

/** The cache never holds a token itself: a memory dump gives nobody access. */
export const hashOf = (token: string): string => hash('sha256', token, 'base64');
