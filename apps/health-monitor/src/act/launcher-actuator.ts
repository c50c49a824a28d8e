import { randomUUID } from 'node:crypto';
import type { Target } from '#libs/contracts';
import type { LauncherView } from '../observe/launcher-view.js';
import { Actuator } from './actuator.js';

type Verb = 'restart' | 'hold' | 'release';
type Answer = { readonly jobDone?: string; readonly refusal?: string };

const ANSWER_LIMIT_MS = 3_000;

/**
 * In lite: asks the launcher, over the channel between parent and child. A job names the process it means, so that one that
 * comes late cannot end a successor (R22).
 */
export class LauncherActuator extends Actuator {
  constructor(
    private readonly view: LauncherView,
    private readonly token: () => string,
  ) {
    super();
  }

  restart(target: Target): Promise<void> {
    return this.ask('restart', target);
  }

  /** The launcher starts by itself what exits; to what it has not noticed, a restart does the same. */
  async start(target: Target): Promise<boolean> {
    await this.restart(target);
    return true;
  }

  setAside(target: Target): Promise<void> {
    return this.ask('hold', target);
  }

  takeBack(target: Target): Promise<void> {
    return this.ask('release', target);
  }

  private ask(verb: Verb, { name }: Target): Promise<void> {
    const job = { job: randomUUID(), verb, name, pid: this.view.pidOf(name), token: this.token(), at: Date.now() };
    return new Promise((resolve, reject) => {
      if (!process.connected) return reject(new Error('there is no launcher to ask'));
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        process.off('message', onMessage);
        if (error) reject(error);
        else resolve();
      };
      const onMessage = (message: unknown): void => {
        const { jobDone, refusal } = (message ?? {}) as Answer;
        if (jobDone === job.job) settle(refusal === undefined ? undefined : new Error(refusal));
      };
      const timer = setTimeout(() => settle(new Error('the launcher did not answer')), ANSWER_LIMIT_MS);
      process.on('message', onMessage);
      process.send?.(job);
    });
  }
}
