import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { type LedgerItem, MAX_LEDGER_PAGE } from '#libs/contracts';
import { Public } from '#libs/security';
import { Ledger } from './ledger.js';

const ledgerQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_LEDGER_PAGE).default(MAX_LEDGER_PAGE),
});

/** Shows the truth about money to whoever checks it; no fault touches it. */
@Public()
@Controller('ledger')
export class LedgerController {
  constructor(private readonly ledger: Ledger) {}

  @Get()
  list(@Query({ schema: ledgerQuery }) { after, limit }: z.infer<typeof ledgerQuery>): {
    items: LedgerItem[];
    next?: string;
  } {
    const items = this.ledger.page(after, limit);
    const last = items.at(-1);
    return last && items.length === limit ? { items, next: String(last.seq) } : { items };
  }
}
