import type { Dossier, FencedAct, KeyDossier, ShelfFact, Timeline } from './facts.js';
import type { Complaint, Invariant, InvariantId } from './invariant.js';

/** Most counter-examples kept per invariant; the count goes on. */
export const MAX_EXAMPLES = 10;

/** How an invariant stands. */
export type Verdict = { id: InvariantId; promise: string; isKept: boolean; violations: number; examples: Complaint[] };

/** Where subjects come from, one at a time. */
export type Subjects = {
  orders: () => Iterable<Dossier>;
  keys: () => Iterable<KeyDossier>;
  shelves: () => Iterable<ShelfFact>;
  resources: () => Iterable<readonly FencedAct[]>;
};

/** Holds every invariant against every subject. */
export function judge(invariants: readonly Invariant[], subjects: Subjects, timeline: Timeline): Verdict[] {
  const verdicts = new Map<InvariantId, Verdict>();
  for (const { id, promise } of invariants) {
    verdicts.set(id, { id, promise, isKept: true, violations: 0, examples: [] });
  }
  const holdAgainst = <S>(all: Iterable<S>, check: (invariant: Invariant, subject: S) => Complaint[] | undefined) => {
    for (const subject of all) {
      for (const invariant of invariants) note(verdicts.get(invariant.id), check(invariant, subject));
    }
  };
  holdAgainst(subjects.orders(), (invariant, dossier) => invariant.ofOrder?.(dossier, timeline));
  holdAgainst(subjects.keys(), (invariant, dossier) => invariant.ofKey?.(dossier));
  holdAgainst(subjects.shelves(), (invariant, shelf) => invariant.ofShelf?.(shelf));
  holdAgainst(subjects.resources(), (invariant, acts) => invariant.ofResource?.(acts));
  return [...verdicts.values()];
}

function note(verdict: Verdict | undefined, complaints: Complaint[] | undefined): void {
  if (!verdict || !complaints || complaints.length === 0) return;
  verdict.isKept = false;
  verdict.violations += complaints.length;
  verdict.examples.push(...complaints.slice(0, MAX_EXAMPLES - verdict.examples.length));
}
