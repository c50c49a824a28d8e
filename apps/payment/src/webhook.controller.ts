import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { type PspWebhook, pspWebhook } from '#libs/contracts';
import { Public } from '#libs/security';
import { ReceiveWebhook } from './receive-webhook.js';
import { WebhookSignatureGuard } from './webhook-signature.guard.js';

/** Where providers report results: `POST /webhooks`. The signature takes the place of a token. */
@Public()
@UseGuards(WebhookSignatureGuard)
@Controller('webhooks')
export class WebhookController {
  constructor(private readonly receive: ReceiveWebhook) {}

  @Post()
  @HttpCode(204)
  async take(@Body({ schema: pspWebhook }) webhook: PspWebhook): Promise<void> {
    await this.receive.execute(webhook);
  }
}
