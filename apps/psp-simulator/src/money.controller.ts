import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  amountMinor,
  type ChargeBody,
  chargeBody,
  currency,
  DEFAULT_CURRENCY,
  MAX_IDEMPOTENCY_KEY,
  PSP_KEY_HEADER,
  type RefundBody,
  refundBody,
} from '#libs/contracts';
import { Public } from '#libs/security';
import { Ledger } from './ledger.js';
import { type Answer, MoneyDesk } from './money-desk.js';
import { keyMissing } from './simulator.errors.js';

const chargesQuery = z.strictObject({ reference: z.uuid() });
/** A void may come before its charge: then it says itself what the key stood for. */
const voidBody = z
  .object({ reference: z.uuid().optional(), amountMinor: amountMinor.optional(), currency: currency.optional() })
  .optional();

const UUID_IN_KEY = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** The provider's API. No token: only the payment service's network reaches it. */
@Public()
@Controller()
export class MoneyController {
  constructor(
    private readonly ledger: Ledger,
    private readonly desk: MoneyDesk,
  ) {}

  @Post('charges')
  @HttpCode(200)
  async charge(
    @Headers(PSP_KEY_HEADER) key: string | undefined,
    @Body({ schema: chargeBody }) body: ChargeBody,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const checked = checkKey(key);
    send(reply, await this.desk.perform((webhooks) => this.ledger.charge(checked, body, webhooks)));
  }

  @Post('refunds')
  @HttpCode(200)
  async refund(
    @Headers(PSP_KEY_HEADER) key: string | undefined,
    @Body({ schema: refundBody }) body: RefundBody,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const checked = checkKey(key);
    send(reply, await this.desk.perform((webhooks) => this.ledger.refund(checked, body, webhooks)));
  }

  @Post('charges/:key/void')
  @HttpCode(200)
  async void(
    @Param('key') key: string,
    @Body({ schema: voidBody }) body: z.infer<typeof voidBody>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const money = {
      reference: body?.reference ?? UUID_IN_KEY.exec(key)?.[0] ?? NIL_UUID,
      amountMinor: body?.amountMinor ?? 0,
      currency: body?.currency ?? DEFAULT_CURRENCY,
    };
    send(reply, await this.desk.ask(() => this.ledger.void(checkKey(key), money)));
  }

  @Get('charges')
  async charges(
    @Query({ schema: chargesQuery }) query: z.infer<typeof chargesQuery>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    send(reply, await this.desk.ask(() => ({ items: this.ledger.chargesOf(query.reference) })));
  }
}

function checkKey(key: string | undefined): string {
  if (key === undefined || key.length < 1 || key.length > MAX_IDEMPOTENCY_KEY) throw keyMissing();
  return key;
}

/** No answer at all is what a caller sees whose connection broke after the provider had acted. */
function send(reply: FastifyReply, answer: Answer<object>): void {
  if (answer !== undefined) {
    void reply.send(answer);
    return;
  }
  reply.hijack();
  reply.raw.socket?.destroy();
}
