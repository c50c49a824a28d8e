/**
 * What the monitor can decide about a target. `suspect`: it failed once; `start`: nobody listens there, so it is started
 * unless it runs; `restart`; `switch`: set it aside, its twin serves alone; `return`: let it take work again; `recover`: it is
 * well, the failure count is back to zero; `stand-back` and `resume`: too many are sick for any one of them to be the cause.
 */
export type TargetAction = 'suspect' | 'recover' | 'start' | 'restart' | 'switch' | 'return' | 'stand-back' | 'resume';

/** Whether a new life begins by it: both count for the same budget. */
export const isRestart = (action: string | undefined): boolean => action === 'start' || action === 'restart';

/** An action and why, in one sentence. */
export type Decision = {
  readonly action: TargetAction;
  /** Name of the target; the whole system when there is none. */
  readonly target?: string | undefined;
  /** A whole sentence. */
  readonly reason: string;
};
