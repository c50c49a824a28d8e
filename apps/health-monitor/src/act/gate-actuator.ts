import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  GATE_JOBS,
  GATE_RESULTS,
  type GateJob,
  type GateResult,
  gateResult,
  RUNS_ALREADY,
  SET_ASIDE,
  type Target,
} from '#libs/contracts';
import type { EtcdStore, Term } from '#libs/registry';
import { Actuator } from './actuator.js';

/** Gates refuse what is older than 3 s; the engine takes a while for what they accept. */
const LOOK_EVERY_MS = 500;
const MAX_LOOKS = 30;

/** In ha: writes jobs into etcd, which takes them only while our term lasts (R22). The restart gates do the rest. */
export class GateActuator extends Actuator {
  constructor(
    private readonly term: () => Term | undefined,
    private readonly store: EtcdStore,
  ) {
    super();
  }

  async restart({ name }: Target): Promise<void> {
    await this.order({ verb: 'restart', target: name });
  }

  async start({ name }: Target): Promise<boolean> {
    return (await this.order({ verb: 'start', target: name })) === 'done';
  }

  /** Instances read this key and answer "not ready", so that registry and front doors leave them out. */
  async setAside({ name }: Target): Promise<void> {
    await this.write({ [`${SET_ASIDE}${name}`]: 'yes' });
  }

  async takeBack({ name }: Target): Promise<void> {
    await this.write({ [`${SET_ASIDE}${name}`]: 'no' });
  }

  /**
   * Has the gates do a job, and says what came of it.
   * @throws Error when our term is over, when they refuse, or when none takes it in time
   */
  async order(job: Pick<GateJob, 'verb' | 'target'>): Promise<'done' | typeof RUNS_ALREADY> {
    const id = randomUUID();
    const token = this.term()?.token ?? '0';
    await this.write({ [`${GATE_JOBS}${id}`]: JSON.stringify({ id, token, ...job } satisfies GateJob) });
    const result = await this.awaitResult(id);
    if (result?.outcome === 'done' || result?.outcome === RUNS_ALREADY) return result.outcome;
    throw new Error(result ? `${result.gate}: ${result.outcome}` : 'no gate took the job');
  }

  private async awaitResult(id: string): Promise<GateResult | undefined> {
    for (let look = 0; look < MAX_LOOKS; look++) {
      await pause(LOOK_EVERY_MS);
      const [found] = await this.store.list(`${GATE_RESULTS}${id}`).catch(() => []);
      if (found) return gateResult.parse(JSON.parse(found.value));
    }
    return undefined;
  }

  private async write(entries: Record<string, string>): Promise<void> {
    const term = this.term();
    if (!term || !(await term.write(entries))) throw new Error('another monitor leads now; nothing was done');
  }
}
