import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { EtcdStore, Term } from '#libs/registry';
import { type KeptDecision, keptDecision, MAX_DECISIONS_KEPT } from './kept-decision.js';

/** Keeps decisions for the next monitor. */
export abstract class DecisionStore {
  abstract read(): Promise<readonly KeptDecision[]>;
  abstract append(decision: KeptDecision): Promise<void>;
  /** Notes who is well now, for a successor. */
  abstract noteWell(names: readonly string[]): Promise<void>;
  /** Who was well when a predecessor last looked, if that was a moment ago. */
  abstract readWell(): Promise<readonly string[]>;
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

  async noteWell(names: readonly string[]): Promise<void> {
    this.ready ??= mkdir(dirname(this.path), { recursive: true });
    await this.ready;
    await writeFile(`${this.path}.well`, wellNote(names));
  }

  async readWell(): Promise<readonly string[]> {
    return recentlyWell(await readFile(`${this.path}.well`, 'utf8').catch(() => ''));
  }

  async append(decision: KeptDecision): Promise<void> {
    this.ready ??= mkdir(dirname(this.path), { recursive: true });
    await this.ready;
    await appendFile(this.path, `${JSON.stringify(decision)}\n`);
  }
}

/** How long a decision by vote is kept. */
const VOTED_SECONDS = 86_400;
const WELL = '/twofold/monitor/well';
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

  async noteWell(names: readonly string[]): Promise<void> {
    await this.term()?.write({ [WELL]: wellNote(names) });
  }

  async readWell(): Promise<readonly string[]> {
    return recentlyWell((await this.store.list(WELL))[0]?.value ?? '');
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

/** Knowledge older than this is history: the system may have been stopped meanwhile. */
const WELL_FOR_MS = 60_000;
const wellNoteSchema = z.object({ at: z.number(), names: z.array(z.string()) });
const wellNote = (names: readonly string[]): string => JSON.stringify({ at: Date.now(), names });

function recentlyWell(text: string): readonly string[] {
  try {
    const { at, names } = wellNoteSchema.parse(JSON.parse(text));
    return Math.abs(Date.now() - at) < WELL_FOR_MS ? names : [];
  } catch {
    return [];
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
