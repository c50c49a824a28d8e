/**
 * Where a drill build may die. Here, in a production build, it does nothing and costs nothing.
 * @see armed.ts
 */
export function crashPoint(_name: CrashPoint): void {}

/** Whether a safety rule is switched off to prove that the checker notices. Never, in a production build. */
export function switchedOff(_name: SafetySwitch): boolean {
  return false;
}

/** Places where every order path must survive sudden death. */
export type CrashPoint =
  | 'after-commit-before-answer'
  | 'after-provider-call-before-commit'
  | 'after-publish-before-mark'
  | 'after-effect-before-offset-commit';

/** Rules that a drill may break on purpose, as a negative control of the checker. */
export type SafetySwitch = 'inbox' | 'provider-key' | 'outbox-horizon';
