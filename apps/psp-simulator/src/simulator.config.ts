import { z } from 'zod';
import { config, setting } from '#libs/config';

/** Settings of a provider simulator. Its provider name is `SERVICE_NAME`. */
export const simulatorConfig = config('simulator', {
  dataFolder: setting.required(z.string().min(1), 'Folder of the ledger file; it must survive the process.'),
  webhookUrls: setting(z.array(z.url()).max(16), [], 'Where results are reported, in turn; none: no webhooks.'),
  webhookSecret: setting.required(z.string().min(16), 'Shared secret that signs webhooks.', { secret: true }),
  webhookDelayMs: setting(z.int().min(0).max(60_000), 20, 'From the result to its first webhook, in ms.'),
  webhookTimeoutMs: setting(z.int().min(100).max(60_000), 5_000, 'Limit of one webhook call, in ms.'),
});
