import { gauge } from '#libs/telemetry';
import { PROBE_REUSE_MS, PROBE_TIMEOUT_MS, type Probe, type ProbeResult } from './probe.js';

const states = gauge('probe_state', 'What a probe found: 1 up, 0.5 degraded, 0 down.', ['probe']);
const VALUE = { up: 1, degraded: 0.5, down: 0 } as const;

type Kept = { readonly result: Promise<ProbeResult>; readonly untilMs: number };

/** Runs one probe: bounded in time, one look at a time, its result reused for a moment. */
export class ProbeRunner {
  #kept: Kept | undefined;

  constructor(
    readonly probe: Probe,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** What the probe found, at most {@link PROBE_REUSE_MS} after it began to look. Never throws. */
  look(): Promise<ProbeResult> {
    const nowMs = this.nowMs();
    if (this.#kept === undefined || nowMs >= this.#kept.untilMs) {
      this.#kept = { result: this.#run(), untilMs: nowMs + PROBE_REUSE_MS };
    }
    return this.#kept.result;
  }

  async #run(): Promise<ProbeResult> {
    const found = await this.#bounded();
    const result: ProbeResult =
      found.status === 'down' && !this.probe.critical ? { ...found, status: 'degraded' } : found;
    states.set({ probe: this.probe.name }, VALUE[result.status]);
    return result;
  }

  async #bounded(): Promise<ProbeResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ProbeResult>((resolve) => {
      const reason = `no answer within ${PROBE_TIMEOUT_MS} ms`;
      timer = setTimeout(() => resolve({ status: 'down', details: { reason } }), PROBE_TIMEOUT_MS);
      timer.unref();
    });
    try {
      return await Promise.race([this.probe.check(), late]);
    } catch (error) {
      return { status: 'down', details: { reason: error instanceof Error ? error.message : String(error) } };
    } finally {
      clearTimeout(timer);
    }
  }
}
