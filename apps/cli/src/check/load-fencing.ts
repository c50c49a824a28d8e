import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { FactStore } from './fact-store.js';

const fencedAct = z.object({ resource: z.string(), token: z.number(), actor: z.string(), atMs: z.number() });

/** Reads a log of acts under fencing tokens, JSON a line, in order of acting (I10). */
export async function loadFencing(path: string, store: FactStore): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line !== '') store.addAct(fencedAct.parse(JSON.parse(line)));
  }
}
