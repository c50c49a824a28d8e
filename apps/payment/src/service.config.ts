import { compose } from '#libs/config';
import { databaseConfig } from '#libs/database';
import { busConfig } from '#libs/messaging';
import { relayConfig } from '#libs/outbox';
import { registryConfig } from '#libs/registry';
import { authConfig } from '#libs/security';
import { paymentConfig, providerCallsConfig, providersConfig } from './payment.config.js';

/** Every setting of the payment service. */
export const paymentServiceConfig = compose({
  payment: paymentConfig,
  providers: providersConfig,
  providerCalls: providerCallsConfig,
  database: databaseConfig,
  messaging: busConfig,
  relay: relayConfig,
  registry: registryConfig,
  auth: authConfig,
});
