import type { Target } from '#libs/contracts';
import type { Observation } from '../observation.js';
import { NoAnswer } from './ask-http.js';

/** What a look found, before it has a time and a name. */
export type Finding = Omit<Observation, 'target' | 'atMs'>;

/** Looks at one target. Each kind of target has its own. */
export abstract class Observer {
  constructor(readonly target: Target) {}

  /**
   * Looks once, within its own time limit.
   * @throws NoAnswer when nothing came back; anything else counts as not ready
   */
  protected abstract find(): Promise<Finding>;

  /** Never throws: failing is a finding. */
  async look(): Promise<Observation> {
    const atMs = performance.now();
    const finding = await this.find().catch(failure);
    return { target: this.target.name, atMs, ...finding };
  }

  /** Lets go of connections. */
  async close(): Promise<void> {}
}

function failure(error: unknown): Finding {
  if (error instanceof NoAnswer)
    return { outcome: error.why === 'refused' ? 'gone' : error.why, detail: error.message };
  return { outcome: 'unready', detail: error instanceof Error ? error.message : String(error) };
}
