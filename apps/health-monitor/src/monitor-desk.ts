import { type MonitorState, monitorState, type Target } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { GateActuator } from './act/gate-actuator.js';
import { note } from './decide.js';
import type { Decision } from './decision.js';
import { describeState } from './describe-state.js';
import type { KeptDecision } from './kept-decision.js';
import type { Monitor } from './monitor.js';
import { askHttp } from './observe/ask-http.js';
import { defaultPolicy } from './policy.js';

/** What operators can ask for. */
export type OperatorAction = 'restart' | 'switch' | 'return' | 'switchover' | 'reinitialize';

const PEER_LIMIT_MS = 1_500;
/** A monitor that does not lead looks for news of the one that does this often. */
const FOLLOW_EVERY_MS = 2_000;

/** Answers for this monitor, and for the leading one where that knows more. */
export class MonitorDesk {
  constructor(private readonly monitor: Monitor) {}

  /** The leader's view of the system; our own when it does not answer. */
  async state(): Promise<MonitorState> {
    const own = await describeState(this.monitor);
    const leader = this.monitor.loop ? undefined : this.monitor.targets.find(({ name }) => name === own.leader);
    if (!leader) return own;
    try {
      const { body } = await askHttp(new URL('/api/state', leader.url), PEER_LIMIT_MS);
      return monitorState.parse(JSON.parse(body));
    } catch {
      return own;
    }
  }

  async decisions(): Promise<readonly KeptDecision[]> {
    const { decisions, loop } = this.monitor;
    if (!loop) await decisions.refresh().catch(() => undefined);
    return decisions.all;
  }

  /** Calls `onDecision` for each one from now on; returns what ends it. */
  follow(onDecision: (decision: KeptDecision) => void): () => void {
    const { decisions } = this.monitor;
    let told = decisions.all.at(-1)?.seq ?? 0;
    const tell = (decision: KeptDecision): void => {
      if (decision.seq <= told) return;
      told = decision.seq;
      onDecision(decision);
    };
    const poll = async (): Promise<void> => {
      if (!this.monitor.loop) for (const decision of await this.decisions()) tell(decision);
    };
    decisions.on('decision', tell);
    const timer = setInterval(() => void poll(), FOLLOW_EVERY_MS);
    return () => {
      clearInterval(timer);
      decisions.off('decision', tell);
    };
  }

  /** Does what an operator asks, by the same ways and under the same fences as our own decisions. */
  async act(action: OperatorAction, name: string): Promise<KeptDecision> {
    const { monitor } = this;
    const { loop } = monitor;
    if (!loop) throw await this.notLeading();
    const target = monitor.targets.find((one) => one.name === name);
    if (!target) throw unknownTarget(name);
    await this.perform(action, target);
    const reason = `An operator asked for this: ${action} of ${name}.`;
    if (action !== 'switchover' && action !== 'reinitialize') {
      const decision: Decision = { action, target: name, reason };
      loop.situation = note({ ...loop.situation, nowMs: performance.now() }, decision, defaultPolicy);
    }
    return monitor.decisions.add({ action, target: name, reason, dryRun: false });
  }

  async maintain(targets: readonly string[], minutes: number): Promise<KeptDecision> {
    if (!this.monitor.loop) throw await this.notLeading();
    const until = new Date(Date.now() + minutes * 60_000).toISOString();
    const reason =
      targets.length === 0
        ? 'An operator ended the maintenance.'
        : `An operator works on ${targets.join(', ')} until ${until}: nothing is done there.`;
    return this.monitor.decisions.add({
      action: 'maintenance',
      reason,
      dryRun: false,
      maintenance: { targets: [...targets], until },
    });
  }

  private async perform(action: OperatorAction, target: Target): Promise<void> {
    const { actuator } = this.monitor;
    if (action === 'restart') return actuator.restart(target);
    if (action === 'switch') return actuator.setAside(target);
    if (action === 'return') return actuator.takeBack(target);
    if (actuator instanceof GateActuator && target.group === 'postgres') {
      await actuator.order({ verb: action, target: target.name });
      return;
    }
    throw new AppError({
      code: 'invalid-request',
      kind: 'invalid',
      message: `${action} is for database nodes under Patroni, and ${target.name} is none.`,
    });
  }

  private async notLeading(): Promise<AppError> {
    const leader = await this.monitor.leadership.leader();
    return new AppError({
      code: 'unavailable',
      kind: 'unavailable',
      message: `${this.monitor.name} does not lead. Ask ${leader?.holder ?? 'again in a few seconds'}.`,
      retryAfterMs: 1_000,
    });
  }
}

const unknownTarget = (name: string): AppError =>
  new AppError({
    code: 'unknown-target',
    kind: 'not-found',
    message: `There is no target ${name}. GET /api/state names all.`,
  });
