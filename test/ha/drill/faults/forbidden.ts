import type { Broken } from '../fault.js';

/** Nobody may be restarted, set aside or deposed for what was no fault of its own. */
export const HARM = /^(start|restart|switch|revoke) /;
/** The same where monitors are frozen for so long that another restarts them. */
export const HARM_TO_OTHERS = /^(revoke |(start|restart|switch) (?!monitor-))/;

/** What is slow because something else is broken is not ill itself. */
export const RESTART_OF_SERVICES = /^(restart|switch) (order|payment|edge|psp|gate|monitor)-/;

/** A check that the monitors decided nothing that, as `action target`, matches. */
export const none =
  (pattern: RegExp): NonNullable<Broken['verify']> =>
  (decisions) => {
    const found = decisions.filter(({ action, target }) => pattern.test(`${action} ${target}`));
    if (found.length > 0)
      throw new Error(`The monitors should not have: ${found.map(({ reason }) => reason).join(' ')}`);
  };
