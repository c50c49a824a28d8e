import { z } from 'zod';
import type { FencedAct } from './facts.js';

/** A line written for the checker. */
const fencedAct = z.strictObject({ resource: z.string(), token: z.number(), actor: z.string(), atMs: z.number() });

const logged = { time: z.iso.datetime(), service: z.string() };
const term = z.coerce.number().int().min(1);
/** What a restart gate says of a job it has done. */
const gateLine = z.object({
  ...logged,
  name: z.literal('gate'),
  msg: z.literal('job'),
  term,
  outcome: z.literal('done'),
});
/** What a monitor says of a decision it has made as leader. */
const decisionLine = z.object({ ...logged, name: z.literal('decisions'), term, action: z.string() });

/**
 * What a line says about acting under a fencing token: a line made for the checker, or one of the JSON log of a restart gate
 * or a monitor; `undefined` for all else. Acts of all gates must come under tokens that never fall; a monitor's decision
 * only claims its term, because deciding late harms nobody (R22).
 */
export function readFencingLine(text: string): FencedAct | undefined {
  const value = parseJson(text);
  const act = fencedAct.safeParse(value);
  if (act.success) return act.data;
  const job = gateLine.safeParse(value);
  if (job.success) {
    const { term: token, time } = job.data;
    return { resource: 'gate', token, actor: `the monitor of term ${token}`, atMs: Date.parse(time) };
  }
  const decision = decisionLine.safeParse(value);
  if (!decision.success) return undefined;
  const { term: token, time, service } = decision.data;
  return { resource: `term ${token}`, token, actor: service, atMs: Date.parse(time) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
