import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PspResult } from '#libs/contracts';
import { type ActRow, resultOf } from './ledger-row.js';

/** Largest batch taken at once. */
export const MAX_DUE_WEBHOOKS = 100;

/** A webhook that is due. */
export type DueWebhook = { id: number; webhookId: string; attempts: number; result: PspResult };

type DueRow = ActRow & { row_id: number; webhook_id: string; tries: number };

/** Reads and settles the durable queue of webhooks; the ledger fills it in the commit that moves the money. */
export class WebhookQueue {
  private readonly due: StatementSync;
  private readonly next: StatementSync;
  private readonly remove: StatementSync;
  private readonly putOff: StatementSync;

  constructor(private readonly file: DatabaseSync) {
    this.due = file.prepare(
      `SELECT webhook.id AS row_id, webhook_id, webhook.attempts AS tries, act.* FROM webhook JOIN act USING (key)
       WHERE due_at_ms <= ? ORDER BY due_at_ms, row_id LIMIT ${MAX_DUE_WEBHOOKS}`,
    );
    this.next = file.prepare('SELECT min(due_at_ms) AS due_at_ms FROM webhook');
    this.remove = file.prepare('DELETE FROM webhook WHERE id = ?');
    this.putOff = file.prepare('UPDATE webhook SET attempts = attempts + 1, due_at_ms = ? WHERE id = ?');
  }

  /** What is due at `nowMs`, longest due first. */
  takeDue(nowMs: number): DueWebhook[] {
    return (this.due.all(nowMs) as DueRow[]).map((row) => ({
      id: row.row_id,
      webhookId: row.webhook_id,
      attempts: row.tries,
      result: resultOf(row),
    }));
  }

  /** When the next one is due; `undefined` when none waits. */
  nextDueAtMs(): number | undefined {
    return (this.next.get() as { due_at_ms: number | null }).due_at_ms ?? undefined;
  }

  /** Notes what became of a batch, in one commit. Lost with a crash means sent again: at least once. */
  note(outcomes: readonly { id: number; retryAtMs?: number | undefined }[]): void {
    this.file.exec('BEGIN IMMEDIATE');
    for (const { id, retryAtMs } of outcomes) {
      if (retryAtMs === undefined) this.remove.run(id);
      else this.putOff.run(retryAtMs, id);
    }
    this.file.exec('COMMIT');
  }
}
