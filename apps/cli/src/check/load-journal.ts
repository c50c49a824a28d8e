import { paymentIdOf } from '#libs/contracts';
import type { FactStore } from './fact-store.js';
import type { AnswerLine, IntentLine } from './journal-line.js';
import { readJournal } from './read-journal.js';

/** What a journal says in all. */
export type JournalSummary = {
  attempts: number;
  acknowledged: number;
  unanswered: number;
  /** When faults were healed, or else the load ended, or else the last line was written. */
  healedAtMs: number;
};

/** Turns a client's journal into facts. */
export async function loadJournal(path: string, store: FactStore): Promise<JournalSummary> {
  const open = new Map<string, IntentLine>();
  const summary: JournalSummary = { attempts: 0, acknowledged: 0, unanswered: 0, healedAtMs: 0 };
  const marks = new Map<string, number>();
  let lastAtMs = 0;
  for await (const line of readJournal(path)) {
    lastAtMs = Math.max(lastAtMs, line.atMs);
    if (line.kind === 'mark') marks.set(line.name, line.atMs);
    else if (line.kind === 'intent') {
      summary.attempts += 1;
      open.set(`${line.run} ${line.n}`, line);
    } else if (line.kind === 'answer') {
      const intent = open.get(`${line.run} ${line.n}`);
      open.delete(`${line.run} ${line.n}`);
      if (intent && noteAnswer(intent, line, store)) summary.acknowledged += 1;
    }
  }
  summary.unanswered = open.size;
  summary.healedAtMs = marks.get('healed') ?? marks.get('ended') ?? lastAtMs;
  return summary;
}

/** Whether it acknowledged an order. */
function noteAnswer(intent: IntentLine, answer: AnswerLine, store: FactStore): boolean {
  const { customer, key, digest: request } = intent;
  const { status, code, digest, orderId, atMs } = answer;
  if (intent.op !== 'place') {
    if (status === 404 && intent.orderId) {
      const miss = { orderId: intent.orderId, door: intent.door, askedAtMs: intent.atMs };
      store.addToOrder(paymentIdOf(intent.orderId), 'misses', miss);
    }
    return false;
  }
  if (key === undefined || request === undefined || status === 0) return false;
  store.addAnswer(customer, key, { request, status, code, digest: digest ?? '', orderId });
  if (status !== 201 || orderId === undefined) return false;
  store.addToOrder(paymentIdOf(orderId), 'acknowledgements', { orderId, customer, key, atMs });
  return true;
}
