import { parseTargets } from '#libs/contracts';
import { decide, note } from '../src/decide.js';
import type { Outcome } from '../src/observation.js';
import { defaultPolicy as policy } from '../src/policy.js';
import type { Situation } from '../src/situation.js';
import { blank, remember } from '../src/target-history.js';

/** The targets of a play. */
export const NAMES = ['order-1', 'order-2', 'payment-1', 'payment-2', 'psp-acme', 'psp-borealis', 'pg-1', 'pg-2'];
const targets = parseTargets(NAMES.map((name) => `${name}@seoul=http://127.0.0.1:8080`).join(','));

/** What a look finds. */
export type Look = Outcome | { outcome: Outcome; life?: string; inHand?: boolean; accused?: boolean };

/** A system on a clock of its own: each step looks at everything and lets the monitor decide. */
export class Play {
  nowMs = 0;
  readonly said: string[] = [];
  readonly reasons: string[] = [];
  situation: Situation = {
    nowMs: 0,
    sinceMs: 0,
    targets,
    histories: new Map(),
    standingBack: false,
    calmUntilMs: 0,
    maintenance: new Set(),
  };

  /** Everything not named is well. Gives back what was decided, as `restart order-1`. */
  step(looks: Record<string, Look> = {}, seconds = 1): string[] {
    const before = this.said.length;
    for (let n = 0; n < seconds; n++) {
      this.nowMs += 1_000;
      this.look(looks);
      this.situation = { ...this.situation, nowMs: this.nowMs };
      for (const decision of decide(this.situation, policy)) {
        this.said.push([decision.action, decision.target].filter(Boolean).join(' '));
        this.reasons.push(decision.reason);
        this.situation = note(this.situation, decision, policy);
      }
    }
    return this.said.slice(before);
  }

  private look(looks: Record<string, Look>): void {
    const histories = new Map(this.situation.histories);
    for (const { name } of targets) {
      const look = looks[name] ?? 'well';
      const seen = typeof look === 'string' ? { outcome: look } : look;
      const observation = { target: name, atMs: this.nowMs, detail: `it is ${seen.outcome}`, ...seen };
      histories.set(name, remember(histories.get(name) ?? blank, observation, policy));
    }
    this.situation = { ...this.situation, histories };
  }
}

/** A system that has been well for a while. */
export const play = (): Play => {
  const one = new Play();
  one.step({}, 5);
  return one;
};
