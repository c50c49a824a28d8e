import { Injectable } from '@nestjs/common';
import { InjectConfig } from '#libs/config';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/outbox';
import { type AskingStep, nextStep, type Room, type Step } from '../next-step.js';
import { type PaymentSettings, paymentConfig } from '../payment.config.js';
import { learn, type Payment } from '../payment.js';
import {
  type Beginning,
  beginAttempts,
  claimDue,
  keepPlaces,
  type PaymentRow,
  providersAwaited,
  savePayments,
  triedProviders,
} from '../payment.repository.js';
import { anyDue, makeProviderDue, putBackIdle } from '../payment.sql.js';
import { eventAbout } from '../payment-event.js';
import { RecordNews } from '../record-news.js';
import type { Started } from '../report-answer.js';

/** Most payments claimed in one transaction. */
const MAX_CLAIM = 100;
/** A payment that waits for a certain provider's room is looked at again after this, so that it does not stand before others. */
const WAIT_MS = 200;

type Decided = { readonly row: PaymentRow; readonly step: AskingStep };

/**
 * Takes due payments for a worker and begins their next attempts, in one transaction: when it has committed, each attempt's row
 * names its provider (R18), and the first byte may leave.
 */
@Injectable()
export class ClaimPayments {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly news: RecordNews,
    @InjectConfig(paymentConfig) private readonly settings: PaymentSettings,
  ) {}

  /** A provider is back: what waits for it need not wait any longer. */
  async makeDue(provider: string): Promise<void> {
    await this.database.call(makeProviderDue, [provider]);
  }

  /** Puts back what a claim of unknown outcome may have taken; call it between claims. */
  async putBack(owner: string, running: readonly string[]): Promise<void> {
    await this.database.call(putBackIdle, [owner, running]);
  }

  /** Whether a claim would find anything: cheaper than a claim. */
  async isAnyDue(): Promise<boolean> {
    return (await this.database.call(anyDue, [])).length > 0;
  }

  async execute(owner: string, rooms: readonly Room[]): Promise<Started[]> {
    return this.database.write((tx) => this.claim(tx, owner, rooms));
  }

  private async claim(tx: Tx, owner: string, rooms: readonly Room[]): Promise<Started[]> {
    const rows = await claimDue(tx, owner, lanesOf(rooms));
    if (rows.length === 0) return [];
    const decided = await this.decide(tx, rows, rooms);
    const begun = decided.map(begin);
    await beginAttempts(tx, begun);
    const events = begun.filter(({ row, seq }) => seq > row.seq);
    await this.outbox.appendSealed(
      tx,
      events.map(({ row, payment, seq }) => eventAbout({ ...row, ...payment }, 'payment.processing', seq)),
    );
    return decided.map(({ row, step }, index) => ({
      // A provider that was not asked before was not asked long ago either.
      row: { ...row, ...begun[index]?.payment, askedAgoMs: row.provider === step.provider ? row.askedAgoMs : 0 },
      step: step.kind,
      provider: step.provider,
      attempt: row.attempts + 1,
      owner,
    }));
  }

  /** The next step of each, as long as there is room; what has none, or has come to its end, is written back. */
  private async decide(tx: Tx, rows: readonly PaymentRow[], rooms: readonly Room[]): Promise<Decided[]> {
    const left = new Map(rooms.map(({ provider, room }) => [provider, room]));
    const free = rows.filter((row) => row.provider === undefined && row.attempts > 0);
    const tried = await triedProviders(
      tx,
      free.map(({ paymentId }) => paymentId),
    );
    const awaited = await this.reserved(tx, rooms);
    // No room because all of it is taken: what is new goes on at the next one. Beside a trial it waits for that to end.
    const isFull = !rooms.some(({ isTrial }) => isTrial);
    const decided: Decided[] = [];
    const notYet: string[] = [];
    for (const row of rows) {
      const isReserved = (provider: string): boolean => row.provider === undefined && awaited.has(provider);
      const roomsNow = rooms.map(({ provider }) => ({
        provider,
        room: isReserved(provider) ? 0 : (left.get(provider) ?? 0),
      }));
      const step = nextStep(row, tried.get(row.paymentId) ?? [], roomsNow, this.settings);
      const room = 'provider' in step ? (left.get(step.provider) ?? 0) : 0;
      if ('provider' in step && room > 0) {
        left.set(step.provider, room - 1);
        decided.push({ row, step });
      } else if (isFull && row.attempts === 0 && step.kind !== 'give-up') notYet.push(row.paymentId);
      else await this.writeBack(tx, row, step);
    }
    await keepPlaces(tx, notYet);
    return decided;
  }

  /** A trial may hang: it is made with a payment that is there already, if one is, and never costs a new one its time. */
  private reserved(tx: Tx, rooms: readonly Room[]): Promise<ReadonlySet<string>> {
    return providersAwaited(
      tx,
      rooms.filter(({ isTrial, room }) => isTrial && room > 0).map(({ provider }) => provider),
    );
  }

  private async writeBack(tx: Tx, row: PaymentRow, step: Step): Promise<void> {
    if (step.kind === 'give-up') {
      await this.news.apply(tx, row, { kind: 'given-up' });
      return;
    }
    const change = { payment: row, seq: row.seq, schedule: { owner: null, dueInMs: WAIT_MS } };
    await savePayments(tx, [{ row, change }]);
  }
}

/** Half of a provider's room for payments that are with it, so that neither these nor new ones wait for the others to end. */
function lanesOf(rooms: readonly Room[]): Room[] {
  const lanes = rooms.map((one) => ({ ...one, room: Math.min(MAX_CLAIM, Math.ceil(one.room / 2)) }));
  const all = rooms.reduce((sum, { room }) => sum + room, 0);
  return [...lanes, { provider: '', room: Math.min(MAX_CLAIM, all) }];
}

function begin({ row, step }: Decided): Beginning {
  const payment: Payment = { status: row.status, provider: row.provider, unwanted: row.unwanted };
  if (step.kind !== 'charge') return { row, payment, seq: row.seq, step: step.kind };
  const verdict = learn(row, { kind: 'started', provider: step.provider });
  if (verdict.kind !== 'changed') return { row, payment, seq: row.seq, step: step.kind };
  return { row, payment: verdict.payment, seq: verdict.event ? row.seq + 1 : row.seq, step: step.kind };
}
