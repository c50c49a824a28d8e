import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Dossier, EventFact, FencedAct, KeyDossier, ShelfFact } from './facts.js';

/** Facts written in one transaction. */
const COMMIT_EVERY = 20_000;

/** Lists of a {@link Dossier}. */
export type OrderFactKind = Exclude<keyof Dossier, 'paymentId'>;

type Row = { id: string; kind: string; json: string };

/**
 * Sorts facts from journal, database, ledgers and bus by subject, on disk: the checker's memory is one subject's facts,
 * however long the run was.
 */
export class FactStore implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'twofold-check-'));
  private readonly file = new DatabaseSync(join(this.folder, 'facts.sqlite'));
  private readonly insert: StatementSync;
  private readonly insertConsumer: StatementSync;
  private pending = 0;
  private isIndexed = false;

  constructor() {
    this.file.exec(`
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
      CREATE TABLE fact (scope TEXT, id TEXT, kind TEXT, json TEXT);
      CREATE TABLE consumer (event_id TEXT, name TEXT)`);
    this.insert = this.file.prepare('INSERT INTO fact VALUES (?, ?, ?, ?)');
    this.insertConsumer = this.file.prepare('INSERT INTO consumer VALUES (?, ?)');
  }

  /** A fact about an order, by the id of its payment, which ledgers know as well. */
  addToOrder<K extends OrderFactKind>(paymentId: string, kind: K, fact: Dossier[K][number]): void {
    this.add('order', paymentId, kind, fact);
  }

  addAnswer(customer: string, key: string, answer: KeyDossier['answers'][number]): void {
    this.add('key', `${customer}\n${key}`, 'answers', answer);
  }

  addShelf(shelf: ShelfFact): void {
    this.add('shelf', shelf.sku, 'shelf', shelf);
  }

  addAct(act: FencedAct): void {
    this.add('resource', act.resource, 'act', act);
  }

  addConsumer(eventId: string, name: string): void {
    this.count();
    this.insertConsumer.run(eventId, name);
  }

  *orders(): Generator<Dossier> {
    for (const { id, rows } of this.subjects('order')) {
      const dossier = emptyDossier(id);
      for (const { kind, json } of rows) (dossier[kind as OrderFactKind] as unknown[]).push(JSON.parse(json));
      this.nameConsumers(dossier.events);
      yield dossier;
    }
  }

  *keys(): Generator<KeyDossier> {
    for (const { id, rows } of this.subjects('key')) {
      const [customer = '', key = ''] = id.split('\n');
      yield { customer, key, answers: rows.map(({ json }) => JSON.parse(json) as KeyDossier['answers'][number]) };
    }
  }

  *shelves(): Generator<ShelfFact> {
    for (const { rows } of this.subjects('shelf')) for (const { json } of rows) yield JSON.parse(json) as ShelfFact;
  }

  *resources(): Generator<FencedAct[]> {
    for (const { rows } of this.subjects('resource')) yield rows.map(({ json }) => JSON.parse(json) as FencedAct);
  }

  [Symbol.dispose](): void {
    this.file.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private add(scope: string, id: string, kind: string, fact: unknown): void {
    this.count();
    this.insert.run(scope, id, kind, JSON.stringify(fact));
  }

  private count(): void {
    if (this.pending === 0) this.file.exec('BEGIN');
    this.pending += 1;
    if (this.pending >= COMMIT_EVERY) this.commit();
  }

  private commit(): void {
    if (this.pending > 0) this.file.exec('COMMIT');
    this.pending = 0;
  }

  private *subjects(scope: string): Generator<{ id: string; rows: Row[] }> {
    this.index();
    const all = this.file.prepare('SELECT id, kind, json FROM fact WHERE scope = ? ORDER BY id, rowid').iterate(scope);
    let rows: Row[] = [];
    for (const row of all as Iterable<Row>) {
      if (rows[0] && rows[0].id !== row.id) {
        yield { id: rows[0].id, rows };
        rows = [];
      }
      rows.push(row);
    }
    if (rows[0]) yield { id: rows[0].id, rows };
  }

  private index(): void {
    this.commit();
    if (this.isIndexed) return;
    this.file.exec(
      'CREATE INDEX fact_by_id ON fact (scope, id); CREATE INDEX consumer_by_event ON consumer (event_id)',
    );
    this.isIndexed = true;
  }

  private nameConsumers(events: EventFact[]): void {
    const find = this.file.prepare('SELECT name FROM consumer WHERE event_id = ?');
    for (const event of events) {
      event.consumers = (find.all(event.eventId) as { name: string }[]).map(({ name }) => name);
    }
  }
}

/** An order nothing is known about yet. */
export function emptyDossier(paymentId: string): Dossier {
  return {
    paymentId,
    acknowledgements: [],
    misses: [],
    orders: [],
    keys: [],
    payments: [],
    ledger: [],
    events: [],
    records: [],
  };
}
