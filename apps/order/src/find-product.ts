import { Injectable } from '@nestjs/common';
import { type Page, type PageQuery, type ProductView, sku as skuSchema } from '#libs/contracts';
import { Catalogue } from './catalogue.js';
import { decodeCursor, pageOf } from './cursor.js';
import { unknownSku } from './order.errors.js';

const isSku = (text: string): boolean => skuSchema.safeParse(text).success;

/** Shows what is for sale; stock is at most 1 s old. */
@Injectable()
export class FindProduct {
  constructor(private readonly catalogue: Catalogue) {}

  /** @throws AppError `unknown-sku` */
  async one(sku: string): Promise<ProductView> {
    const product = (await this.catalogue.recent()).bySku.get(sku);
    if (product === undefined) throw unknownSku(sku);
    return product;
  }

  /** @throws AppError `invalid-request` for an `after` that is none of ours */
  async page({ limit, after }: PageQuery): Promise<Page<ProductView>> {
    const last = decodeCursor(after, isSku);
    const { products } = await this.catalogue.recent();
    const start = last === undefined ? 0 : firstAfter(products, last);
    return pageOf(products.slice(start, start + limit + 1), limit, (product) => product.sku);
  }
}

/** SKUs are sorted by code unit, as the database's collation "C" does. */
function firstAfter(products: readonly ProductView[], sku: string): number {
  const index = products.findIndex((product) => product.sku > sku);
  return index === -1 ? products.length : index;
}
