import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ChargeBody, canonicalJson, type LedgerItem, type PspResult, type RefundBody } from '#libs/contracts';
import { GroupCommit } from './group-commit.js';
import { type ActRow, ledgerItemOf, resultOf } from './ledger-row.js';
import { keyReused, nothingToRefund } from './simulator.errors.js';
import { type ChargePlan, type Delivery, planCharge } from './test-token.js';

/** When the webhooks of a result are due: how many, and how long after it. None: `count` 0. */
export type WebhookPlan = { count: number; delayMs: number };

/** A call's end: `retry-later` wrote nothing but the attempt. `delivery` is special at the settling call only. */
export type Performed = { kind: 'retry-later' } | { kind: 'settled'; result: PspResult; delivery: Delivery };

type Money = { reference: string; amountMinor: number; currency: string };
type Settlement = { outcome: 'succeeded' | 'declined' | 'voided'; declineCode?: string };

const ANSWER: Delivery = { kind: 'answer' };

/** The truth about money: what each idempotency key did, once and for ever. Everything is on disk before it is answered. */
export class Ledger {
  private readonly commits: GroupCommit;
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    private readonly file: DatabaseSync,
    private readonly now: () => number = Date.now,
  ) {
    this.commits = new GroupCommit(file);
    this.statements = prepare(file);
  }

  /** Charges under `key`, or answers again what the key did before. */
  charge(key: string, body: ChargeBody, webhooks: WebhookPlan): Promise<Performed> {
    return this.commits.run(() => {
      const row = this.attempt(key, 'charge', body);
      if (row.outcome !== null) return { kind: 'settled', result: resultOf(row), delivery: ANSWER };
      const plan: ChargePlan = planCharge(body.paymentToken, row.attempts);
      if (plan.kind === 'retry-later') return plan;
      const count = webhooks.count * plan.webhooks;
      return { kind: 'settled', result: this.settle(key, plan, { ...webhooks, count }), delivery: plan.delivery };
    });
  }

  /** Pays back under `key`, at most what was charged for the reference. */
  refund(key: string, body: RefundBody, webhooks: WebhookPlan): Promise<Performed> {
    return this.commits.run(() => {
      const known = this.find(key);
      if ((known?.outcome ?? null) === null) this.assertRefundable(body);
      const row = this.attempt(key, 'refund', body);
      if (row.outcome !== null) return { kind: 'settled', result: resultOf(row), delivery: ANSWER };
      return { kind: 'settled', result: this.settle(key, { outcome: 'succeeded' }, webhooks), delivery: ANSWER };
    });
  }

  /** Makes sure that `key` can never charge from now on; answers what it did if it already had. */
  void(key: string, money: Money): Promise<PspResult> {
    return this.commits.run(() => {
      const known = this.find(key);
      if (known && known.kind !== 'charge') throw keyReused(key);
      if (known && known.outcome !== null) return resultOf(known);
      if (!known) this.insert(key, 'charge', money, '');
      return this.settle(key, { outcome: 'voided' }, { count: 0, delayMs: 0 });
    });
  }

  /** What became of the charges of a reference; attempts without an outcome are not listed. */
  chargesOf(reference: string): PspResult[] {
    return (this.statements.byReference.all(reference) as ActRow[]).map(resultOf);
  }

  /** Lines after `afterSeq`, oldest first. */
  page(afterSeq: number, limit: number): LedgerItem[] {
    return (this.statements.page.all(afterSeq, limit) as ActRow[]).map(ledgerItemOf);
  }

  close(): void {
    this.file.close();
  }

  private find(key: string): ActRow | undefined {
    return this.statements.find.get(key) as ActRow | undefined;
  }

  /** Counts an attempt under the key; the second body under one key is refused. A voided key takes any. */
  private attempt(key: string, kind: 'charge' | 'refund', body: Money): ActRow {
    const digest = canonicalJson(body);
    const known = this.find(key);
    if (known && (known.kind !== kind || (known.digest !== '' && known.digest !== digest))) throw keyReused(key);
    if (known && known.outcome !== null) return known;
    if (!known) this.insert(key, kind, body, digest);
    this.statements.countAttempt.run(key);
    return this.find(key) as ActRow;
  }

  private insert(key: string, kind: 'charge' | 'refund', money: Money, digest: string): void {
    this.statements.insert.run(key, kind, money.reference, money.amountMinor, money.currency, digest);
  }

  private settle(key: string, { outcome, declineCode }: Settlement, webhooks: WebhookPlan): PspResult {
    const atMs = this.now();
    const { seq } = this.statements.lastSeq.get() as { seq: number };
    const ownSeq = outcome === 'voided' ? null : seq + 1;
    this.statements.settle.run(randomUUID(), outcome, declineCode ?? null, new Date(atMs).toISOString(), ownSeq, key);
    const webhookId = randomUUID();
    for (let i = 0; i < webhooks.count; i++) this.statements.addWebhook.run(webhookId, key, atMs + webhooks.delayMs);
    return resultOf(this.find(key) as ActRow);
  }

  private assertRefundable({ reference, amountMinor }: RefundBody): void {
    const { left } = this.statements.refundable.get(reference) as { left: number };
    if (left < amountMinor) throw nothingToRefund(reference, left);
  }
}

function prepare(
  file: DatabaseSync,
): Record<
  'find' | 'insert' | 'countAttempt' | 'settle' | 'byReference' | 'page' | 'addWebhook' | 'refundable' | 'lastSeq',
  StatementSync
> {
  return {
    find: file.prepare('SELECT * FROM act WHERE key = ?'),
    insert: file.prepare(
      'INSERT INTO act (key, kind, reference, amount_minor, currency, digest) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    countAttempt: file.prepare('UPDATE act SET attempts = attempts + 1 WHERE key = ?'),
    settle: file.prepare('UPDATE act SET id = ?, outcome = ?, decline_code = ?, at = ?, seq = ? WHERE key = ?'),
    byReference: file.prepare(
      "SELECT * FROM act WHERE reference = ? AND kind = 'charge' AND outcome IS NOT NULL ORDER BY at, key LIMIT 1000",
    ),
    page: file.prepare('SELECT * FROM act WHERE seq > ? ORDER BY seq LIMIT ?'),
    addWebhook: file.prepare('INSERT INTO webhook (webhook_id, key, due_at_ms) VALUES (?, ?, ?)'),
    lastSeq: file.prepare('SELECT coalesce(max(seq), 0) AS seq FROM act'),
    refundable: file.prepare(
      `SELECT coalesce(sum(CASE kind WHEN 'charge' THEN amount_minor ELSE -amount_minor END), 0) AS left
       FROM act WHERE reference = ? AND outcome = 'succeeded'`,
    ),
  };
}
