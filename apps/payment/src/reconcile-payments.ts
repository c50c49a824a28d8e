import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectConfig } from '#libs/config';
import { type LedgerItem, MAX_LEDGER_PAGE } from '#libs/contracts';
import { Database } from '#libs/database';
import { WakeLoop } from '#libs/messaging';
import { counter, logger } from '#libs/telemetry';
import { ignorantOf, moveLedgerCursor, takeLedgerTurn } from './ledger.sql.js';
import { type PaymentSettings, paymentConfig } from './payment.config.js';
import type { News } from './payment.js';
import { makeForgottenDue } from './payment.sql.js';
import type { Provider } from './provider/provider.js';
import { Providers } from './provider/providers.js';
import { RecordNews } from './record-news.js';
import { forgetWorkers } from './worker/worker.sql.js';

const log = logger('reconcile');
const found = counter('payment_reconciled_total', 'Payments that learnt something from a ledger.', ['provider']);

/** Most pages of one ledger in one run; the next run goes on. */
const MAX_PAGES = 50;
/** Nobody else reads the same ledger for so long; a run that takes longer does no harm. */
const TURN_MS = 20_000;

/**
 * Compares payments with what the providers' ledgers say, every 30 s and at start: whatever answer and webhook were lost, the
 * money that moved is found. It also wakes what somehow waits for nobody.
 */
@Injectable()
export class ReconcilePayments implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop = new WakeLoop({ step: () => this.round(), lingerMs: 0 });

  constructor(
    private readonly database: Database,
    private readonly providers: Providers,
    private readonly news: RecordNews,
    @InjectConfig(paymentConfig) private readonly settings: PaymentSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** One run over all providers; one that cannot be read now is read by the next run. */
  async execute(): Promise<void> {
    await this.database.call(makeForgottenDue, []);
    await this.database.call(forgetWorkers, []);
    for (const provider of this.providers.all) {
      await this.readLedger(provider).catch((error: unknown) =>
        log.warn({ err: error, provider: provider.name }, 'ledger not read, trying again with the next run'),
      );
    }
  }

  private async round(): Promise<number> {
    await this.execute().catch((error: unknown) => log.warn({ err: error }, 'reconciliation failed, trying again'));
    return this.settings.reconcileIntervalMs;
  }

  private async readLedger(provider: Provider): Promise<void> {
    const turnMs = Math.min(TURN_MS, this.settings.reconcileIntervalMs / 2);
    const [turn] = await this.database.call<{ seq: number }>(takeLedgerTurn, [provider.name, turnMs]);
    if (!turn) return;
    let seq = turn.seq;
    for (let page = 0; page < MAX_PAGES; page++) {
      const items = await provider.ledger(seq, MAX_LEDGER_PAGE);
      await this.compare(provider.name, items);
      seq = items.at(-1)?.seq ?? seq;
      if (items.length > 0) await this.database.call(moveLedgerCursor, [provider.name, seq]);
      if (items.length < MAX_LEDGER_PAGE) return;
    }
  }

  private async compare(provider: string, items: readonly LedgerItem[]): Promise<void> {
    const ours = items.filter(({ reference }) => UUID.test(reference));
    const news = await this.database.call<{ position: number }>(ignorantOf, [
      ours.map(({ reference }) => reference),
      ours.map(({ kind }) => kind),
      ours.map(({ outcome }) => outcome),
    ]);
    for (const { position } of news) {
      const item = ours[position - 1];
      const said = item && newsOf(item, provider);
      if (!said) continue;
      const recorded = await this.news.execute({ paymentId: item.reference, news: said });
      if (recorded === 'changed') found.inc({ provider });
    }
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The ledger has no decline code, and a refused refund says nothing new. */
function newsOf({ kind, outcome }: LedgerItem, provider: string): News | undefined {
  if (kind === 'charge') return { kind: outcome === 'succeeded' ? 'charged' : 'declined', provider };
  return outcome === 'succeeded' ? { kind: 'refunded', provider } : undefined;
}
