import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { PSP_SIGNATURE_HEADER } from '#libs/contracts';
import { hmacVerify } from '#libs/security';
import type { RawBodyRequest } from '#libs/service-defaults';
import { providersConfig } from './payment.config.js';

/** Lets webhooks in whose signature, over the bytes of the body and at most 5 minutes old, is right. */
@Injectable()
export class WebhookSignatureGuard implements CanActivate {
  constructor(@InjectConfig(providersConfig) private readonly providers: ConfigOf<typeof providersConfig>) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<RawBodyRequest>();
    const signature = request.headers[PSP_SIGNATURE_HEADER];
    const sent = typeof signature === 'string' ? signature : undefined;
    hmacVerify(this.providers.webhookSecret.reveal(), request.rawBody ?? '', sent);
    return true;
  }
}
