import { compose } from '#libs/config';
import { databaseConfig } from '#libs/database';
import { busConfig } from '#libs/messaging';
import { relayConfig } from '#libs/outbox';
import { redisConfig, stockConfig } from '#libs/redis';
import { registryConfig } from '#libs/registry';
import { authConfig } from '#libs/security';
import { orderConfig } from './order.config.js';
import { paymentCallsConfig } from './payment-calls.config.js';

/** Every setting of the order service. */
export const orderServiceConfig = compose({
  order: orderConfig,
  database: databaseConfig,
  messaging: busConfig,
  relay: relayConfig,
  registry: registryConfig,
  redis: redisConfig,
  stock: stockConfig,
  paymentCalls: paymentCallsConfig,
  auth: authConfig,
});

/** How the interface introduces itself at `/docs`. */
export const orderApi = {
  title: 'Twofold orders',
  version: '1.0',
  description: [
    'Products, orders and their cancellation. Amounts are integers in the minor unit of their currency (KRW has none).',
    'Errors are problem documents (RFC 9457) with a `code`; after 409 in flight, 429 and 503 send the same request again.',
  ].join('\n'),
};
