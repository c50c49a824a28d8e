import { runService } from '#libs/service-defaults';
import { PaymentModule } from './payment.module.js';
import { paymentServiceConfig } from './service.config.js';

// Signatures of webhooks are over the bytes of the body.
await runService(PaymentModule, { name: 'payment', config: paymentServiceConfig, rawBody: true });
