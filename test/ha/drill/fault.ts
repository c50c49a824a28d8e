import type { Cluster } from './cluster.js';
import type { ContainerSystem } from './system.js';
import type { Victims } from './victims.js';

/** What a fault works with. */
export type Rig = { readonly system: ContainerSystem; readonly victims: Victims; readonly cluster: Cluster };

/** How one fault came about, and how it goes away. */
export type Broken = {
  /** Who or what was broken. */
  readonly what: string;
  heal(): Promise<void>;
  /** Throws unless the fault is at work: a drill whose faults do not bite proves nothing. */
  readonly bites?: () => Promise<void>;
  /** Throws until what the fault took away is back, while it still is at work. Timed against `backWithinMs`. */
  readonly isBack?: () => Promise<void>;
};

/** One row of the table. */
export type Fault = {
  readonly name: string;
  /** Whether it is one of the few that every change is tried with. */
  readonly isInShortList?: boolean;
  readonly inject: (rig: Rig) => Promise<Broken>;
  /** How long it lasts. @default until orders go on, and 6 s more */
  readonly holdMs?: number;
  /** Longest time without any acknowledged order, in ms. */
  readonly gapMs: number;
  /** Longest time without any order that becomes final, in ms. @default not looked at */
  readonly settleGapMs?: number;
  /** Time for {@link Broken.isBack}, in ms. */
  readonly backWithinMs?: number;
  /** After healing, every order is final within this. @default 60 s */
  readonly finalWithinMs?: number;
  /** Whether clients may run out of patience: only where the database has no primary for that long. */
  readonly mayFail?: boolean;
};
