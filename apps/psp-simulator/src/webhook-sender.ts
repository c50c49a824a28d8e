import { Agent, request } from 'undici';
import { PSP_SIGNATURE_HEADER, type PspWebhook } from '#libs/contracts';
import { hmacSign } from '#libs/security';
import { counter, logger } from '#libs/telemetry';
import { retryPauseMs } from './webhook-backoff.js';
import type { DueWebhook, WebhookQueue } from './webhook-queue.js';

/** What the sender is told about the world. */
export type WebhookTarget = {
  provider: string;
  urls: readonly string[];
  secret: string;
  delayMs: number;
  timeoutMs: number;
};

/** Longest sleep, so that a clock that was set cannot stop webhooks for long. */
const MAX_SLEEP_MS = 1_000;

const sent = counter('psp_webhooks_total', 'Webhook calls by result.', ['result']);

/** Sends due webhooks at least once, in any order, to the addresses in turn; what fails is tried again later. */
export class WebhookSender {
  private readonly log = logger('webhook-sender');
  private readonly agent = new Agent({ connections: 8, pipelining: 1 });
  private timer: NodeJS.Timeout | undefined;
  private isSending = false;
  private isStopped = false;
  private turn = 0;

  constructor(
    private readonly queue: WebhookQueue,
    private readonly target: WebhookTarget,
    private readonly now: () => number = Date.now,
  ) {}

  get isOn(): boolean {
    return this.target.urls.length > 0;
  }

  get delayMs(): number {
    return this.target.delayMs;
  }

  /** Looks at the queue soon; call it when something was added. */
  wake(): void {
    if (!this.isOn || this.isSending || this.isStopped) return;
    clearTimeout(this.timer);
    const dueInMs = (this.queue.nextDueAtMs() ?? Number.POSITIVE_INFINITY) - this.now();
    if (dueInMs === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => void this.sendDue(), Math.min(MAX_SLEEP_MS, Math.max(1, dueInMs)));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.agent.destroy();
  }

  private async sendDue(): Promise<void> {
    this.isSending = true;
    try {
      const due = this.queue.takeDue(this.now());
      const outcomes = await Promise.all(due.map((webhook) => this.send(webhook)));
      if (!this.isStopped && outcomes.length > 0) this.queue.note(outcomes);
    } catch (error) {
      this.log.error({ err: error }, 'webhook queue failed');
    } finally {
      this.isSending = false;
      this.wake();
    }
  }

  private async send({ id, webhookId, attempts, result }: DueWebhook): Promise<{ id: number; retryAtMs?: number }> {
    const url = this.target.urls[this.turn++ % this.target.urls.length] ?? '';
    const body: PspWebhook = { webhookId, provider: this.target.provider, result };
    if (await this.post(url, JSON.stringify(body))) return { id };
    const pauseMs = retryPauseMs(attempts + 1);
    return pauseMs === undefined ? { id } : { id, retryAtMs: this.now() + pauseMs };
  }

  private async post(url: string, body: string): Promise<boolean> {
    try {
      const response = await request(url, {
        method: 'POST',
        dispatcher: this.agent,
        headersTimeout: this.target.timeoutMs,
        bodyTimeout: this.target.timeoutMs,
        headers: {
          'content-type': 'application/json',
          [PSP_SIGNATURE_HEADER]: hmacSign(this.target.secret, body, this.now()),
        },
        body,
      });
      await response.body.dump();
      const isAccepted = response.statusCode < 300;
      sent.inc({ result: isAccepted ? 'accepted' : 'refused' });
      return isAccepted;
    } catch (error) {
      sent.inc({ result: 'failed' });
      this.log.debug({ err: error, url }, 'webhook failed');
      return false;
    }
  }
}
