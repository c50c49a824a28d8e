import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair, createTokenSigner } from '#libs/security';
import type { Customer } from '../../../apps/cli/src/load/reference-client.js';
import { freePort } from '../../support/free-port.js';
import { BenchPostgres } from './bench-postgres.js';
import type { ProcessGroups } from './cpu.js';
import { ServiceProcess } from './service-process.js';

/** Products for sale. */
export const PRODUCTS = 1_000;
/** Enough that no shelf runs dry. */
const PIECES = 1_000_000_000;
const CUSTOMERS = 1_000;

export type ShopOptions = {
  /** Processes of the order service. @default 1 */
  readonly orders?: number;
  readonly postgres?: Readonly<Record<string, string | number>>;
  /** Settings of the order service beyond the defaults. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
};

/** Settings that are the same for every process of a bench. */
export const WITHOUT_EVENTS = { RELAY_ENABLED: 'false' } as const;

/** A Postgres and the order service on it, with everything switched on. */
export class Shop implements AsyncDisposable {
  private readonly services: ServiceProcess[] = [];

  private constructor(
    readonly postgres: BenchPostgres,
    readonly folder: string,
    readonly customers: readonly Customer[],
    private readonly doorUrls: string[],
    /** Where each process of the order service shows its metrics. */
    readonly metricsUrls: string[] = [],
  ) {}

  static async open(options: ShopOptions = {}): Promise<Shop> {
    const postgres = await BenchPostgres.start(options.postgres);
    const folder = mkdtempSync(join(tmpdir(), 'twofold-bench-shop-'));
    const { privateJwk, publicJwks } = await createKeyPair('bench');
    writeFileSync(join(folder, 'jwks.json'), publicJwks);
    const shop = new Shop(postgres, folder, await signIn(privateJwk), []);
    await shop.prepareDatabase();
    for (let n = 1; n <= (options.orders ?? 1); n++) await shop.startOrder(n, options);
    return shop;
  }

  /** Addresses of the order service's processes. */
  get doors(): readonly string[] {
    return this.doorUrls;
  }

  get orders(): readonly ServiceProcess[] {
    return this.services;
  }

  /** `app` is the order service, `postgres` the primary. */
  get groups(): ProcessGroups {
    return { app: this.services.map(({ pid }) => pid), postgres: [this.postgres.pid] };
  }

  async startOrder(n: number, { environment = {}, nodeFlags = [] }: ShopOptions = {}): Promise<ServiceProcess> {
    const [port, managementPort] = [await freePort(), await freePort()];
    const service = await ServiceProcess.start({
      name: `order-${n}`,
      script: 'dist/apps/order/src/main.js',
      logFolder: this.folder,
      nodeFlags,
      environment: {
        ...this.environment('orders'),
        SERVICE_NAME: `order-${n}`,
        HTTP_PORT: String(port),
        HTTP_MANAGEMENT_PORT: String(managementPort),
        REGISTRY_STATIC: 'payment-1@seoul=http://127.0.0.1:9',
        ...environment,
      },
    });
    this.services.push(service);
    this.doorUrls.push(`http://127.0.0.1:${port}`);
    this.metricsUrls.push(`http://127.0.0.1:${managementPort}/metrics`);
    return service;
  }

  async stopOrders(): Promise<void> {
    for (const service of this.services.splice(0)) await service[Symbol.asyncDispose]();
    this.doorUrls.length = 0;
    this.metricsUrls.length = 0;
  }

  /** Settings of any process of ours here. */
  environment(role: 'orders' | 'payments'): Record<string, string> {
    return {
      SERVICE_SITE: 'seoul',
      SERVICE_MODE: 'lite',
      HTTP_HOST: '127.0.0.1',
      MESSAGING_BUS: 'embedded',
      REDIS_MODE: 'memory',
      REGISTRY_MODE: 'static',
      AUTH_JWKS_FILE: join(this.folder, 'jwks.json'),
      ...this.postgres.environment(role),
    };
  }

  /** Fills every shelf: `stocked = available + sold` does not count here. */
  async fillShelves(): Promise<void> {
    await this.postgres.query(`UPDATE orders.stock SET available = ${PIECES}`);
    await this.postgres.query('VACUUM FULL ANALYZE orders.stock');
  }

  /** A one-shot program of ours. */
  async task(name: string, script: string, environment: Record<string, string> = {}): Promise<void> {
    const role = script.includes('/payment/') ? 'payments' : 'orders';
    const settings = { ...this.environment(role), SERVICE_NAME: name, ...environment };
    await ServiceProcess.start({ name, script, logFolder: this.folder, environment: settings }, 'ended');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopOrders();
    await this.postgres[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async prepareDatabase(): Promise<void> {
    await this.task('order-migrate', 'dist/apps/order/src/migrate.js');
    await this.task('order-seed', 'dist/apps/order/src/seed.js', { SEED_PRODUCTS: String(PRODUCTS) });
    await this.fillShelves();
  }
}

async function signIn(privateJwk: string): Promise<Customer[]> {
  const sign = await createTokenSigner(privateJwk);
  const ids = Array.from({ length: CUSTOMERS }, (_, index) => `bench-${index + 1}`);
  return Promise.all(ids.map(async (id) => ({ id, token: await sign({ subject: id }) })));
}

/** SKU of product `n`, from 1. */
export const skuOf = (n: number): string => `TF-${String(n).padStart(4, '0')}`;
