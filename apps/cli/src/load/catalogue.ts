import { MAX_PAGE, type Page, type ProductView } from '#libs/contracts';
import { notReady } from './load.errors.js';
import type { ReferenceClient } from './reference-client.js';

/** Most products read. */
const MAX_PAGES = 200;

/** The SKUs of the shop, in catalogue order; the first are the most popular ones. */
export async function readCatalogue(client: ReferenceClient): Promise<string[]> {
  const skus: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const next: string = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    const answer = await client.browse(`/products?limit=${MAX_PAGE}${next}`);
    if (answer.status !== 200 || !answer.body) throw notReady(describe(answer.status));
    const { items, next: following } = JSON.parse(answer.body.toString('utf8')) as Page<ProductView>;
    skus.push(...items.map(({ sku }) => sku).filter((sku) => sku !== 'synthetic'));
    if (following === undefined) break;
    after = following;
  }
  if (skus.length === 0) throw notReady('The catalogue is empty. Fill it with ./twofold seed.');
  return skus;
}

function describe(status: number): string {
  const seen = status === 0 ? 'no answer' : `status ${status}`;
  return `GET /products: ${seen}. Start the shop with npm start, or name another one with --target URL.`;
}
