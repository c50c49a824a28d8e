import { setTimeout as sleep } from 'node:timers/promises';
import { countOutcome } from './database.metrics.js';
import type { EntitySource } from './entity-source.js';
import { isServedElsewhere } from './failure.js';
import type { ReadWish } from './route.js';
import type { RoutedNode } from './routed-node.js';
import type { Router } from './router.js';
import { type Outcome, runTransaction } from './transaction.js';
import type { Tx } from './tx.js';
import { noReader } from './unavailable.js';

/** Most nodes tried for one read. */
const MAX_ATTEMPTS = 6;
/** A read waits so long for a session of one node before it goes to the next. */
const SESSION_TIMEOUT_MS = 2_000;
const PAUSE_MS = 50;

/** Brings reads to a node that may serve them, and elsewhere when it fails. */
export class ReadCalls {
  constructor(
    private readonly router: Router,
    private readonly source: EntitySource,
    private readonly patienceMs: number,
  ) {}

  async run<T>(work: (tx: Tx) => Promise<T>, wish: ReadWish): Promise<T> {
    const deadlineMs = performance.now() + this.patienceMs;
    const tried = new Set<string>();
    let failure: unknown = noReader();
    for (let n = 0; n < MAX_ATTEMPTS && performance.now() < deadlineMs; ) {
      const node = this.router.reader(wish, tried);
      if (!node) {
        if (this.router.isCutOff()) break;
        tried.clear();
        await sleep(PAUSE_MS);
        continue;
      }
      n++;
      const outcome = await this.once(node, work);
      countOutcome('read', outcome.kind);
      if (outcome.kind === 'committed') return outcome.value;
      if (!outcome.elsewhere) throw outcome.error;
      failure = outcome.error;
      tried.add(node.name);
    }
    throw noReader(failure);
  }

  private async once<T>(node: RoutedNode, work: (tx: Tx) => Promise<T>): Promise<Outcome<T> & { elsewhere: boolean }> {
    try {
      const session = await node.pool.acquire(SESSION_TIMEOUT_MS);
      const outcome = await runTransaction(session, this.source, 'read-only', work);
      const elsewhere = session.isLost || (outcome.kind !== 'committed' && isServedElsewhere(outcome.error));
      node.pool.release(session);
      if (outcome.kind === 'committed' && !this.router.maySpeak(node))
        return { kind: 'rolled-back', error: new Error(`${node.name} is no longer fresh`), elsewhere: true };
      return { ...outcome, elsewhere };
    } catch (error) {
      return { kind: 'rolled-back', error, elsewhere: true };
    }
  }
}
