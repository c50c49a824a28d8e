import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '#libs/config';
import { type LedgerItem, MAX_LEDGER_PAGE, type PspFaultBody, type PspFaultName } from '#libs/contracts';
import { authConfig } from '#libs/security';
import { createService } from '#libs/service-defaults';
import { Faults } from '../../apps/psp-simulator/src/faults.js';
import { Ledger } from '../../apps/psp-simulator/src/ledger.js';
import { PspSimulatorModule } from '../../apps/psp-simulator/src/psp-simulator.module.js';
import { simulatorConfig } from '../../apps/psp-simulator/src/simulator.config.js';

/** Secret that the simulators of tests sign webhooks with. */
export const TEST_WEBHOOK_SECRET = 'webhook-secret-of-tests';

/** A provider that runs in the test's own process. */
export type TestPsp = AsyncDisposable & {
  readonly name: string;
  readonly url: string;
  /** Everything it has done to a payment, oldest first. */
  ledgerOf(reference: string): LedgerItem[];
  fail(name: PspFaultName, body?: Partial<PspFaultBody>): void;
  heal(name: PspFaultName): void;
};

/** Starts the real provider simulator on `port`, with a ledger of its own. */
export async function startTestPsp(name: string, port: number, webhookUrls: readonly string[]): Promise<TestPsp> {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-psp-'));
  const { app } = await createService(
    PspSimulatorModule,
    { name, config: compose({ auth: authConfig, simulator: simulatorConfig }) },
    {
      SERVICE_NAME: name,
      HTTP_PORT: String(port),
      LOG_LEVEL: 'silent',
      AUTH_JWKS_URL: 'http://127.0.0.1:1/',
      SIMULATOR_DATA_FOLDER: folder,
      SIMULATOR_WEBHOOK_URLS: webhookUrls.join(','),
      SIMULATOR_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
    },
  );
  await app.listen(port, '127.0.0.1');
  const faults = app.get(Faults, { strict: false });
  const ledger = app.get(Ledger, { strict: false });
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    ledgerOf: (reference) => wholeLedger(ledger).filter((item) => item.reference === reference),
    fail: (fault, body) => faults.switchOn(fault, { expiresInMs: 60_000, ratio: 1, delayMs: 30_000, ...body }),
    heal: (fault) => faults.switchOff(fault),
    async [Symbol.asyncDispose]() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function wholeLedger(ledger: Ledger): LedgerItem[] {
  const items: LedgerItem[] = [];
  for (;;) {
    const page = ledger.page(items.length, MAX_LEDGER_PAGE);
    items.push(...page);
    if (page.length < MAX_LEDGER_PAGE) return items;
  }
}
