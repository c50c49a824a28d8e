/** What a probe found. `degraded`: it serves, but not as it should. */
export type ProbeResult = {
  readonly status: 'up' | 'degraded' | 'down';
  /** Facts for people; no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
};

/**
 * Looks at one thing a service needs. Adapters provide one each and the service lists the classes in
 * `HealthModule.with([DatabaseProbe, …])`.
 */
export abstract class Probe {
  /** Key in the health document, as in `database`. */
  abstract readonly name: string;
  /** Whether the service is not ready without it. A probe that is not critical makes it `degraded` at most. */
  abstract readonly critical: boolean;

  /** Looks, within {@link PROBE_TIMEOUT_MS}; throwing counts as down. */
  abstract check(): Promise<ProbeResult>;
}

/** A probe that has not answered after this counts as down. */
export const PROBE_TIMEOUT_MS = 2000;

/** How long a result is reused: many balancers and monitors ask at once, and the answer costs a query. */
export const PROBE_REUSE_MS = 500;
