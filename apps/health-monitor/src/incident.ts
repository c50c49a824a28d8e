import { isRestart } from './decision.js';
import type { KeptDecision } from './kept-decision.js';

/** From the first failure of a target to its recovery. */
export type Incident = {
  readonly target: string;
  /** When the target was last known to be well: the fault is younger. */
  readonly wellUntil?: string | undefined;
  readonly detectedAt: string;
  /** Upper bound: since it was last seen well. */
  readonly detectionMs?: number | undefined;
  readonly recoveredAt?: string;
  /** From detection to recovery. */
  readonly recoveryMs?: number;
  readonly restarts: number;
  readonly setAside: boolean;
  readonly story: readonly string[];
};

/** Sentences of one incident at most. */
const MAX_SENTENCES = 20;

/** Reads incidents out of decisions, newest first. Pure. */
export function incidentsOf(decisions: readonly KeptDecision[]): readonly Incident[] {
  const open = new Map<string, Incident>();
  const closed: Incident[] = [];
  for (const decision of decisions) {
    if (decision.target === undefined) continue;
    const before = open.get(decision.target);
    const after = told(before, decision);
    if (!after) continue;
    if (after.recoveredAt === undefined) open.set(decision.target, after);
    else {
      open.delete(decision.target);
      closed.push(after);
    }
  }
  const newestFirst = (a: Incident, b: Incident) => b.detectedAt.localeCompare(a.detectedAt);
  return [...open.values(), ...closed].sort(newestFirst);
}

function told(incident: Incident | undefined, decision: KeptDecision): Incident | undefined {
  const { action, target = '', at, reason, sinceWellMs } = decision;
  if (action === 'suspect' && !incident) {
    const wellUntil = sinceWellMs === undefined ? undefined : new Date(Date.parse(at) - sinceWellMs).toISOString();
    return {
      target,
      wellUntil,
      detectedAt: at,
      detectionMs: sinceWellMs,
      restarts: 0,
      setAside: false,
      story: [reason],
    };
  }
  if (!incident) return undefined;
  const story = [...incident.story, reason].slice(-MAX_SENTENCES);
  if (isRestart(action)) return { ...incident, story, restarts: incident.restarts + 1 };
  if (action === 'switch') return { ...incident, story, setAside: true };
  if (action !== 'recover' && action !== 'return') return { ...incident, story };
  return { ...incident, story, recoveredAt: at, recoveryMs: Date.parse(at) - Date.parse(incident.detectedAt) };
}
