import { randomUUID } from 'node:crypto';
import { GATE_JOBS, type GateJob, SET_ASIDE, type Target } from '#libs/contracts';
import type { Term } from '#libs/registry';
import { Actuator } from './actuator.js';

/** In ha: writes jobs into etcd, which takes them only while our term lasts (R22). The restart gates do the rest. */
export class GateActuator extends Actuator {
  constructor(private readonly term: () => Term | undefined) {
    super();
  }

  restart({ name }: Target): Promise<void> {
    return this.order({ verb: 'restart', target: name });
  }

  /** Instances read this key and answer "not ready", so that registry and front doors leave them out. */
  async setAside({ name }: Target): Promise<void> {
    await this.write({ [`${SET_ASIDE}${name}`]: 'yes' });
  }

  async takeBack({ name }: Target): Promise<void> {
    await this.write({ [`${SET_ASIDE}${name}`]: 'no' });
  }

  /** Writes a job for the gates. @throws Error when our term is over */
  async order(job: Pick<GateJob, 'verb' | 'target'>): Promise<void> {
    const id = randomUUID();
    const token = this.term()?.token ?? '0';
    await this.write({ [`${GATE_JOBS}${id}`]: JSON.stringify({ id, token, ...job } satisfies GateJob) });
  }

  private async write(entries: Record<string, string>): Promise<void> {
    const term = this.term();
    if (!term || !(await term.write(entries))) throw new Error('another monitor leads now; nothing was done');
  }
}
