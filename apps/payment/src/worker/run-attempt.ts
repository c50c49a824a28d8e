import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { logger, RequestContext } from '#libs/telemetry';
import { ChargePayment } from '../charge-payment.js';
import type { Room } from '../next-step.js';
import { Providers } from '../provider/providers.js';
import { RefundPayment } from '../refund-payment.js';
import type { Started } from '../report-answer.js';

const log = logger('worker');

/** Pause after an answer that could not be recorded: the database is away, or a bug. */
const FAILURE_PAUSE_MS = 500;

/** Runs started attempts beside each other, each until what its provider said is recorded. */
@Injectable()
export class RunAttempt {
  private readonly running = new Map<Promise<void>, string>();
  private stopping = false;

  constructor(
    private readonly providers: Providers,
    private readonly charge: ChargePayment,
    private readonly refund: RefundPayment,
  ) {}

  /** Room for more, by provider. */
  rooms(): Room[] {
    return this.providers.rooms();
  }

  /** Payments under way in this process. */
  paymentIds(): string[] {
    return [...this.running.values()];
  }

  /** Takes room at the provider at once; resolves when the attempt is recorded. */
  execute(started: Started): Promise<void> {
    const { correlationId, traceparent } = started.row;
    const context = { correlationId: correlationId ?? undefined, traceparent: traceparent ?? undefined };
    const run = RequestContext.run(context, () =>
      this.providers.occupying(started.provider, () => this.untilRecorded(started)),
    );
    this.running.set(run, started.row.paymentId);
    return run.finally(() => this.running.delete(run));
  }

  /** Lets attempts under way end, up to a limit; whatever is cut off is repeated by the twin under the same key. */
  async stop(limitMs: number): Promise<void> {
    this.stopping = true;
    await Promise.race([Promise.allSettled(this.running.keys()), sleep(limitMs, undefined, { ref: false })]);
  }

  private async untilRecorded(started: Started): Promise<void> {
    do {
      try {
        return await (started.step === 'refund' ? this.refund : this.charge).execute(started);
      } catch (error) {
        log.error({ err: error, paymentId: started.row.paymentId }, 'attempt not recorded, asking again');
        await sleep(FAILURE_PAUSE_MS);
      }
    } while (!this.stopping);
  }
}
