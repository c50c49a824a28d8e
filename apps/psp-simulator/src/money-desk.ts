import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { PspResult } from '#libs/contracts';
import { Faults } from './faults.js';
import type { Performed, WebhookPlan } from './ledger.js';
import { providerFailed } from './simulator.errors.js';
import { WebhookSender } from './webhook-sender.js';

/** What the caller gets; `undefined` is a dropped connection. */
export type Answer<T> = T | undefined;

/** Lets a call pass through everything that is broken on purpose: before it acts, and between the act and its answer. */
@Injectable()
export class MoneyDesk {
  constructor(
    private readonly faults: Faults,
    private readonly sender: WebhookSender,
  ) {}

  /** An act of money, told by webhook as well. */
  async perform(act: (webhooks: WebhookPlan) => Promise<Performed>): Promise<Answer<PspResult>> {
    await this.enter();
    const performed = await act(this.webhookPlan());
    this.sender.wake();
    if (performed.kind === 'retry-later') throw providerFailed();
    const { delivery, result } = performed;
    if (delivery.kind === 'answer-after') await sleep(delivery.delayMs);
    return delivery.kind === 'drop-connection' ? undefined : this.leave(result);
  }

  /** A call that tells nobody: a query or a void. */
  async ask<T>(call: () => T | Promise<T>): Promise<Answer<T>> {
    await this.enter();
    return this.leave(await call());
  }

  private async enter(): Promise<void> {
    if (this.faults.strikes('errors')) throw providerFailed();
    const hang = this.faults.strikes('hang');
    if (hang) await sleep(hang.delayMs);
  }

  private async leave<T>(answer: T): Promise<Answer<T>> {
    const slow = this.faults.strikes('slow');
    if (slow) await sleep(slow.delayMs);
    return this.faults.strikes('lost-answers') ? undefined : answer;
  }

  private webhookPlan(): WebhookPlan {
    if (this.faults.strikes('no-webhooks')) return { count: 0, delayMs: 0 };
    const late = this.faults.strikes('late-webhooks');
    return { count: this.sender.isOn ? 1 : 0, delayMs: late?.delayMs ?? this.sender.delayMs };
  }
}
