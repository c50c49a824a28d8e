import type { Invariant } from '../invariant.js';

export const fencingTokensRise: Invariant = {
  id: 'I10',
  promise: 'fencing tokens never fall, and each belongs to one actor',
  ofResource: (acts) => {
    const complaints: string[] = [];
    const actors = new Map<number, string>();
    let newest = Number.NEGATIVE_INFINITY;
    for (const { resource, token, actor, atMs } of acts) {
      const at = new Date(atMs).toISOString();
      if (token < newest) complaints.push(`${resource}: ${actor} acted under token ${token} after ${newest}, ${at}`);
      const owner = actors.get(token) ?? actor;
      if (owner !== actor) complaints.push(`${resource}: ${owner} and ${actor} both acted under token ${token}, ${at}`);
      actors.set(token, owner);
      newest = Math.max(newest, token);
    }
    return complaints;
  },
};
