import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import type { ProcessGroups } from './cpu.js';
import { ServiceProcess } from './service-process.js';
import type { Shop } from './shop.js';

/** As in the ha topology, where events may wait a moment for company (docker-compose.yml). */
export const RELAY_OF_HA = { RELAY_LINGER_MS: '100' } as const;
const WEBHOOK_SECRET = 'a-secret-for-benches-only';

/** The rest of an order's way: the payment service and a simulated provider. */
export type Saga = AsyncDisposable & { readonly payment: ServiceProcess; readonly provider: ServiceProcess };

/** Groups of a shop and of the rest of its saga. */
export const sagaGroups = (shop: Shop, { payment, provider }: Saga): ProcessGroups => ({
  ...shop.groups,
  payment: [payment.pid],
  simulator: [provider.pid],
});

/** `messaging` are the settings of the bus, `nodeFlags` are for the payment service. */
export async function startSaga(
  shop: Shop,
  messaging: Record<string, string> = {},
  nodeFlags: readonly string[] = [],
): Promise<Saga> {
  await shop.task('payment-migrate', 'dist/apps/payment/src/migrate.js', messaging);
  const [port, providerPort] = [await freePort(), await freePort()];
  const provider = await startProvider(shop, providerPort, port);
  const payment = await ServiceProcess.start({
    name: 'payment-1',
    script: 'dist/apps/payment/src/main.js',
    logFolder: shop.folder,
    nodeFlags,
    environment: {
      ...shop.environment('payments'),
      SERVICE_NAME: 'payment-1',
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_PORT: '0',
      PROVIDERS_ENDPOINTS: `psp-acme=http://127.0.0.1:${providerPort}`,
      PROVIDERS_WEBHOOK_SECRET: WEBHOOK_SECRET,
      ...messaging,
    },
  });
  const stop = async (): Promise<void> => {
    await payment[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  };
  return { payment, provider, [Symbol.asyncDispose]: stop };
}

function startProvider(shop: Shop, port: number, paymentPort: number): Promise<ServiceProcess> {
  const data = join(shop.folder, 'psp-acme');
  mkdirSync(data);
  return ServiceProcess.start({
    name: 'psp-acme',
    script: 'dist/apps/psp-simulator/src/main.js',
    logFolder: shop.folder,
    environment: {
      ...shop.environment('payments'),
      SERVICE_NAME: 'psp-acme',
      HTTP_PORT: String(port),
      HTTP_MANAGEMENT_PORT: '0',
      SIMULATOR_DATA_FOLDER: data,
      SIMULATOR_WEBHOOK_URLS: `http://127.0.0.1:${paymentPort}/webhooks`,
      SIMULATOR_WEBHOOK_SECRET: WEBHOOK_SECRET,
    },
  });
}
