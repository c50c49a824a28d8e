import { z } from 'zod';
import { type ConfigOf, config, setting } from '#libs/config';
import { callPolicySettings } from '#libs/resilience';

const endpoint = z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,32}$/), url: z.url() });
/** A provider: its name, as payments remember it for ever, and where it is. */
export type ProviderEndpoint = z.infer<typeof endpoint>;

const endpoints = z
  .string()
  .transform((text) => text.split(',').map(readEndpoint))
  .pipe(
    z
      .array(endpoint)
      .min(1)
      .max(8)
      .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'each provider may appear once'),
  );

function readEndpoint(text: string): ProviderEndpoint {
  const [name = '', ...rest] = text.trim().split('=');
  return { name, url: rest.join('=') };
}

/** Who moves the money. */
export const providersConfig = config('providers', {
  endpoints: setting.required(
    endpoints,
    'Providers, the preferred one first, as in `psp-acme=http://host:port,psp-borealis=…`. A name is for ever.',
  ),
  webhookSecret: setting.required(z.string().min(16), 'Secret that providers sign webhooks with.', { secret: true }),
});

/** How a provider is called: the circuit breaker `payment-circuit` and what belongs to it. */
export const providerCallsConfig = config('provider-calls', callPolicySettings);

/** How payments are worked off. */
export const paymentConfig = config('payment', {
  keyLifetimeMs: setting(
    z.int().min(60_000),
    86_400_000,
    'How long a provider surely remembers a key. After half of it only queries are made.',
  ),
  voidAfterMs: setting(
    z.int().min(1000),
    120_000,
    'A charge unanswered for so long is voided by key, so that the other provider may be asked.',
  ),
  giveUpAfterMs: setting(
    z.int().min(1000),
    60_000,
    'With every provider refusing connections for so long a payment is given up and its order cancelled.',
  ),
  pollMs: setting(
    z.int().min(10).max(10_000),
    500,
    'How often to look for due payments when nothing wakes the worker.',
  ),
  leaseMs: setting(z.int().min(500).max(60_000), 3000, 'A worker silent for so long loses its payments to its twin.'),
  heartbeatMs: setting(z.int().min(50).max(10_000), 1000, 'How often a worker says that it is alive.'),
  reconcileIntervalMs: setting(z.int().min(100).max(600_000), 30_000, 'How often to compare with the ledgers.'),
  gapPatienceMs: setting(
    z.int().min(0).max(600_000),
    10_000,
    'How long an event of an order waits for one that should have come before it.',
  ),
});

/** @see paymentConfig */
export type PaymentSettings = ConfigOf<typeof paymentConfig>;
