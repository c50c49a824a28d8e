import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { FactStore } from './fact-store.js';
import type { FencedAct } from './facts.js';
import { readFencingLine } from './fencing-line.js';

/** Most acts of a run. */
export const MAX_FENCED_ACTS = 100_000;

/**
 * Reads who acted under which fencing token (I10). The file may be the logs of all gates and monitors one behind the
 * other: acts are put in order of time, which is one clock where all containers are on one machine.
 * @throws Error when there are more than {@link MAX_FENCED_ACTS}
 */
export async function loadFencing(path: string, store: FactStore): Promise<number> {
  const acts: FencedAct[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const act = readFencingLine(line);
    if (act) acts.push(act);
    if (acts.length > MAX_FENCED_ACTS) throw new Error(`${path} has more than ${MAX_FENCED_ACTS} acts.`);
  }
  for (const act of acts.sort((a, b) => a.atMs - b.atMs)) store.addAct(act);
  return acts.length;
}
