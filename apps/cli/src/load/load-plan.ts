import type { ProfileName } from './arrivals.js';
import { unusable } from './load.errors.js';
import type { Threshold } from './threshold.js';

/** Everything a run of load is made of. */
export type LoadPlan = {
  targets: readonly string[];
  profile: ProfileName;
  /** Peak of the profile, in requests per second. */
  ratePerSecond: number;
  durationMs: number;
  customers: number;
  /** Payment tokens by weight. */
  tokens: ReadonlyMap<string, number>;
  /** `browse`, `order`, `read`, `cancel` by weight. */
  journey: ReadonlyMap<string, number>;
  /** Exponent of Zipf's law over the catalogue; 0 is uniform. */
  zipf: number;
  /** A SKU that takes `hotShare` (0 to 1) of all order lines. */
  hotSku?: string | undefined;
  hotShare: number;
  maxLines: number;
  seed: number;
  journalPath?: string | undefined;
  thresholds: readonly Threshold[];
};

/** Longest run. */
export const MAX_DURATION_MS = 24 * 3_600_000;

const UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads `90s`, `2m`, `500ms`; a bare number is seconds.
 * @throws AppError `invalid-request` that shows how to write one
 */
export function parseDurationMs(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const durationMs = Number(number) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(durationMs > 0) || durationMs > MAX_DURATION_MS) {
    throw unusable(`"${text}" is no duration up to 24h. Write 30s, 2m or 1h.`);
  }
  return durationMs;
}
