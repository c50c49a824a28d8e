import type { KeptDecision } from '../../../apps/health-monitor/src/kept-decision.js';
import type { Cluster } from './cluster.js';
import type { Monitors } from './monitors.js';
import type { ContainerSystem } from './system.js';
import type { Victims } from './victims.js';

/** What a fault works with. */
export type Rig = {
  readonly system: ContainerSystem;
  readonly victims: Victims;
  readonly cluster: Cluster;
  readonly monitors: Monitors;
};

/** How one fault came about, and how it goes away. */
export type Broken = {
  /** Who or what was broken. */
  readonly what: string;
  /** The one member that was broken, where it is one. */
  readonly target?: string;
  /** When it was broken, where preparing that took time. @default when the trial began */
  readonly sinceMs?: number;
  heal(): Promise<void>;
  /** Throws unless the fault is at work: a drill whose faults do not bite proves nothing. */
  readonly bites?: () => Promise<void>;
  /** Throws until what the fault took away is back, while it still is at work. Timed against `backWithinMs`. */
  readonly isBack?: () => Promise<void>;
  /** Throws unless the monitors did what they should, and nothing else; gets what they decided from the fault on. */
  readonly verify?: (decisions: readonly KeptDecision[], startedAtMs: number) => void;
};

/** Retries multiply the load of a system that is ill already. */
export const MAX_AMPLIFICATION = 1.3;
/** While there is no primary every order waits, and asks again each 3 s. */
export const WITHOUT_PRIMARY_AMPLIFICATION = 1.8;

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
  /** How soon the monitor suspects {@link Broken.target}, and finds it well again. @default not looked at */
  readonly monitor?: { readonly suspectsWithinMs: number; readonly recoversWithinMs: number };
  /** Attempts per order at most. @default {@link MAX_AMPLIFICATION} */
  readonly maxAmplification?: number;
  /** How often it is tried. @default once */
  readonly trials?: number;
  /** Whether clients may run out of patience: only where the database has no primary for that long. */
  readonly mayFail?: boolean;
};
