import { request } from 'undici';
import { z } from 'zod';
import { ledgerItem, MAX_LEDGER_PAGE } from '#libs/contracts';
import type { FactStore } from './fact-store.js';

const ledgerPage = z.object({ items: z.array(ledgerItem), next: z.string().optional() });

/** Most lines read of one provider. */
export const MAX_LEDGER_PAGES = 20_000;
const TIMEOUT_MS = 10_000;

/** Reads the ledgers of all providers, the truth about money; answers how many lines there are. */
export async function loadLedgers(
  providers: readonly { name: string; url: string }[],
  store: FactStore,
): Promise<number> {
  let lines = 0;
  for (const { name, url } of providers) {
    for await (const item of ledgerOf(url)) {
      store.addToOrder(item.reference, 'ledger', { ...item, provider: name });
      lines += 1;
    }
  }
  return lines;
}

async function* ledgerOf(url: string) {
  let after = '0';
  for (let page = 0; page < MAX_LEDGER_PAGES; page++) {
    const path = `${url}/ledger?after=${after}&limit=${MAX_LEDGER_PAGE}`;
    const response = await request(path, { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
    if (response.statusCode !== 200)
      throw new Error(`${path} answered ${response.statusCode}. Heal the provider first.`);
    const { items, next } = ledgerPage.parse(await response.body.json());
    yield* items;
    if (next === undefined) return;
    after = next;
  }
  throw new Error(`${url}/ledger has more than ${MAX_LEDGER_PAGES * MAX_LEDGER_PAGE} lines.`);
}
