import type { Dossier, FencedAct, KeyDossier, ShelfFact, Timeline } from './facts.js';

/** Which promise an invariant keeps: `docs/architecture.md` has the list. */
export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11';

/** What is wrong, as a sentence with the values that show it. */
export type Complaint = string;

/** A promise checked one subject at a time, so that memory does not grow with the run. Pure. */
export type Invariant = {
  id: InvariantId;
  /** The promise, as a sentence. */
  promise: string;
  ofOrder?: (dossier: Dossier, timeline: Timeline) => Complaint[];
  ofKey?: (dossier: KeyDossier) => Complaint[];
  ofShelf?: (shelf: ShelfFact) => Complaint[];
  /** All acts on one resource, in order. */
  ofResource?: (acts: readonly FencedAct[]) => Complaint[];
};
