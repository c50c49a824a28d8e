import type { Target } from '#libs/contracts';
import { askHttp } from './ask-http.js';
import { samplesOf } from './read-metrics.js';

/** A circuit breaker that is open: a caller's word against whom it calls. */
export type OpenCircuit = { readonly caller: string; readonly target: string };

/** What services know of others and of their own queues. */
export type Evidence = { readonly openCircuits: readonly OpenCircuit[]; readonly outboxAgeSeconds: number };

export const noEvidence: Evidence = { openCircuits: [], outboxAgeSeconds: 0 };

const OPEN = 2;

/** Reads the metrics of all services beside each other; one that does not answer has nothing to say. */
export async function gatherEvidence(targets: readonly Target[], limitMs: number): Promise<Evidence> {
  const pages = await Promise.all(targets.map((target) => readOne(target, limitMs)));
  return {
    openCircuits: pages.flatMap(({ openCircuits }) => openCircuits),
    outboxAgeSeconds: Math.max(0, ...pages.map(({ outboxAgeSeconds }) => outboxAgeSeconds)),
  };
}

async function readOne({ name, url, metricsPort }: Target, limitMs: number): Promise<Evidence> {
  if (metricsPort === undefined) return noEvidence;
  try {
    const { body } = await askHttp(new URL(`http://${url.hostname}:${metricsPort}/metrics`), limitMs);
    return evidenceIn(body, name);
  } catch {
    return noEvidence;
  }
}

/** Pure. */
export function evidenceIn(page: string, caller: string): Evidence {
  const circuits = samplesOf(page, 'twofold_circuit_state').filter(({ value }) => value === OPEN);
  const ages = samplesOf(page, 'twofold_relay_age_seconds').map(({ value }) => value);
  return {
    openCircuits: circuits.map(({ labels }) => ({ caller, target: labels.target ?? 'unknown' })),
    outboxAgeSeconds: Math.max(0, ...ages),
  };
}
