import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectConfig } from '#libs/config';
import { WakeLoop } from '#libs/messaging';
import { logger } from '#libs/telemetry';
import type { Room } from '../next-step.js';
import { type PaymentSettings, paymentConfig } from '../payment.config.js';
import { ClaimPayments } from './claim-payments.js';
import { RunAttempt } from './run-attempt.js';
import { WorkerLease } from './worker-lease.js';

const log = logger('worker');

/** Least time between two claims: a burst of orders becomes one. */
const LINGER_MS = 20;
/** Pause after a claim that failed. */
const FAILURE_PAUSE_MS = 500;
/**
 * How often payments are put back that are this worker's by their row, but not in its hands: a COMMIT that nobody waits for any
 * more may come through long after, as soon as a standby answers again.
 */
const PUT_BACK_EVERY_MS = 5000;
/** How long a stopping worker waits for calls under way. */
const FINISH_MS = 3000;

/**
 * Works due payments off, as many at once as the providers have room for. It looks when woken, and every `pollMs` for what
 * its twin left. A provider that hangs fills its own room only.
 */
@Injectable()
export class PaymentWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop = new WakeLoop({ step: () => this.round(), lingerMs: LINGER_MS });
  /** Somebody says that a payment is due; else it is cheaper to ask first. */
  private isToldOfWork = true;
  /** A claim failed, perhaps after its COMMIT: it may have taken payments that nobody runs. */
  private isInDoubt = false;
  private putBackAtMs = 0;
  private readonly away = new Set<string>();

  constructor(
    private readonly claim: ClaimPayments,
    private readonly attempts: RunAttempt,
    private readonly lease: WorkerLease,
    @InjectConfig(paymentConfig) private readonly settings: PaymentSettings,
  ) {}

  /** A payment is due: looks for it now. */
  wake(): void {
    this.isToldOfWork = true;
    this.loop.wake();
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Stops claiming, lets calls under way end, hands on the rest. */
  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
    await this.attempts.stop(FINISH_MS);
    await this.lease.end().catch((error: unknown) => log.warn({ err: error }, 'payments are left to the twin'));
  }

  /** One claim; says when to look again. */
  private async round(): Promise<number> {
    try {
      const rooms = this.attempts.rooms();
      await this.welcomeBack(rooms);
      if (rooms.every(({ room }) => room === 0)) return this.settings.pollMs;
      await this.putBack();
      const isWorthIt = this.isToldOfWork || rooms.some(({ isTrial, room }) => isTrial && room > 0);
      if (!isWorthIt && !(await this.claim.isAnyDue())) return this.settings.pollMs;
      this.isToldOfWork = false;
      this.isInDoubt = true;
      const started = await this.claim.execute(this.lease.id, rooms);
      this.isInDoubt = false;
      for (const one of started) void this.attempts.execute(one).finally(() => this.loop.wake());
      return started.length > 0 ? 0 : this.settings.pollMs;
    } catch (error) {
      log.warn({ err: error }, 'claiming failed, trying again');
      return FAILURE_PAUSE_MS;
    }
  }

  /** Between claims: nothing that this worker has is unknown to it. */
  private async putBack(): Promise<void> {
    if (!this.isInDoubt && performance.now() < this.putBackAtMs) return;
    await this.claim.putBack(this.lease.id, this.attempts.paymentIds());
    this.isInDoubt = false;
    this.putBackAtMs = performance.now() + PUT_BACK_EVERY_MS;
  }

  /** When a circuit has closed, the thousands that wait there are tried at once, not each after its own pause. */
  private async welcomeBack(rooms: readonly Room[]): Promise<void> {
    for (const { provider, isTrial } of rooms) {
      if (isTrial) this.away.add(provider);
      else if (this.away.has(provider)) {
        await this.claim.makeDue(provider);
        this.away.delete(provider);
      }
    }
  }
}
