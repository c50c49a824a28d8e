import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EtcdStore, Term } from '#libs/registry';
import { type KeptDecision, keptDecision, MAX_DECISIONS_KEPT } from './kept-decision.js';

/** Keeps decisions for the next monitor. */
export abstract class DecisionStore {
  abstract read(): Promise<readonly KeptDecision[]>;
  abstract append(decision: KeptDecision): Promise<void>;
}

/** One JSON line each; cut down to the newest whenever it is read. */
export class FileDecisionStore extends DecisionStore {
  private ready: Promise<unknown> | undefined;

  constructor(private readonly path: string) {
    super();
  }

  async read(): Promise<readonly KeptDecision[]> {
    const text = await readFile(this.path, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const decisions = lines.flatMap(parsed).slice(-MAX_DECISIONS_KEPT);
    if (lines.length > MAX_DECISIONS_KEPT) {
      await writeFile(`${this.path}.new`, decisions.map((one) => `${JSON.stringify(one)}\n`).join(''));
      await rename(`${this.path}.new`, this.path);
    }
    return decisions;
  }

  async append(decision: KeptDecision): Promise<void> {
    this.ready ??= mkdir(dirname(this.path), { recursive: true });
    await this.ready;
    await appendFile(this.path, `${JSON.stringify(decision)}\n`);
  }
}

/** How long a decision by vote is kept. */
const VOTED_SECONDS = 86_400;
const PREFIX = '/twofold/monitor/decisions/';

/** A ring of keys in etcd, written only while the term lasts: a deposed monitor changes nothing (R22). */
export class EtcdDecisionStore extends DecisionStore {
  constructor(
    private readonly store: EtcdStore,
    private readonly term: () => Term | undefined,
  ) {
    super();
  }

  async read(): Promise<readonly KeptDecision[]> {
    return (await this.store.list(PREFIX)).flatMap(({ value }) => parsed(value));
  }

  async append(decision: KeptDecision): Promise<void> {
    const term = this.term();
    const value = JSON.stringify(decision);
    const place = String(decision.seq % MAX_DECISIONS_KEPT).padStart(4, '0');
    if (term) await term.write({ [`${PREFIX}${place}`]: value });
    // What several decide by vote needs no leader: it is kept beside, for a day.
    else
      await this.store.commit({
        when: {},
        put: { [`${PREFIX}vote-${decision.at}`]: value },
        forSeconds: VOTED_SECONDS,
      });
  }
}

/** Nothing, for a line that a crash cut off. */
function parsed(line: string): KeptDecision[] {
  try {
    return [keptDecision.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
