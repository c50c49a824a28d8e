import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ConfigOf } from '#libs/config';
import { HealthModule } from '#libs/health';
import { SecurityModule } from '#libs/security';
import { serviceConfig } from '#libs/service-defaults';
import { FaultController } from './fault.controller.js';
import { Faults } from './faults.js';
import { FrontDoor } from './front-door.js';
import { LedgerController } from './ledger.controller.js';
import { Ledger } from './ledger.js';
import { openLedgerFile } from './ledger-schema.js';
import { MoneyController } from './money.controller.js';
import { MoneyDesk } from './money-desk.js';
import { simulatorConfig } from './simulator.config.js';
import { WebhookQueue } from './webhook-queue.js';
import { WebhookSender } from './webhook-sender.js';

const LEDGER_FILE = Symbol('ledger file');

type Settings = ConfigOf<typeof simulatorConfig>;

function openFile({ dataFolder }: Settings): DatabaseSync {
  mkdirSync(dataFolder, { recursive: true });
  return openLedgerFile(join(dataFolder, 'ledger.sqlite'));
}

function createSender(queue: WebhookQueue, service: ConfigOf<typeof serviceConfig>, settings: Settings): WebhookSender {
  return new WebhookSender(queue, {
    provider: service.name,
    urls: settings.webhookUrls.map(addressOf),
    secret: settings.webhookSecret.reveal(),
    delayMs: settings.webhookDelayMs,
    timeoutMs: settings.webhookTimeoutMs,
  });
}

/** An address without a path is a payment process: it listens at `/webhooks`. */
function addressOf(url: string): string {
  const { pathname, origin } = new URL(url);
  return pathname === '/' ? `${origin}/webhooks` : url;
}

@Module({
  imports: [SecurityModule, HealthModule.with([])],
  controllers: [MoneyController, LedgerController, FaultController],
  providers: [
    { provide: LEDGER_FILE, useFactory: openFile, inject: [simulatorConfig.token] },
    { provide: Ledger, useFactory: (file: DatabaseSync) => new Ledger(file), inject: [LEDGER_FILE] },
    { provide: WebhookQueue, useFactory: (file: DatabaseSync) => new WebhookQueue(file), inject: [LEDGER_FILE] },
    {
      provide: WebhookSender,
      useFactory: createSender,
      inject: [WebhookQueue, serviceConfig.token, simulatorConfig.token],
    },
    { provide: Faults, useFactory: () => new Faults() },
    MoneyDesk,
    FrontDoor,
  ],
})
export class PspSimulatorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(WebhookSender) private readonly sender: WebhookSender,
  ) {}

  /** Webhooks that a crash left behind go out first. */
  onApplicationBootstrap(): void {
    this.sender.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sender.stop();
    this.ledger.close();
  }
}
