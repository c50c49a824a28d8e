import { logger } from '#libs/telemetry';
import type { Alarm } from './alarm.js';

const log = logger('alerts');

/** What the webhook gets. */
export type AlertMessage = {
  readonly status: 'raised' | 'resolved';
  readonly key: string;
  readonly kind: string;
  readonly text: string;
  readonly runbook: string;
  readonly at: string;
  readonly by: string;
};

const ATTEMPTS = 3;
const LIMIT_MS = 5_000;
/** Messages on their way; more are dropped and logged: an alert storm must not become one of ours. */
const MAX_SENDING = 20;

/** Posts alerts to operations. Says so in the log, too, where it cannot. */
export class AlertSender {
  private sending = 0;

  constructor(
    private readonly url: string | undefined,
    private readonly runbooks: string,
    private readonly by: string,
  ) {}

  runbookOf({ kind }: Pick<Alarm, 'kind'>): string {
    return `${this.runbooks}/${kind}.md`;
  }

  async send(alarm: Alarm, status: AlertMessage['status']): Promise<void> {
    if (this.url === undefined) return;
    const text = status === 'raised' ? alarm.sentence : `Over: ${alarm.sentence}`;
    const { key, kind } = alarm;
    const message = {
      status,
      key,
      kind,
      text,
      runbook: this.runbookOf(alarm),
      at: new Date().toISOString(),
      by: this.by,
    };
    if (this.sending >= MAX_SENDING) return log.error({ key, status }, 'too many alerts at once: one was not sent');
    this.sending++;
    await this.post(this.url, message).finally(() => this.sending--);
  }

  private async post(url: string, message: AlertMessage): Promise<void> {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': `${message.key}/${message.status}/${message.at}`,
    };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const signal = AbortSignal.timeout(LIMIT_MS);
        const { ok, status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(message), signal });
        if (ok) return;
        log.warn({ key: message.key, status, attempt }, 'the alert webhook refused an alert');
      } catch (error) {
        log.warn({ key: message.key, attempt, err: error }, 'the alert webhook does not answer');
      }
    }
    log.error({ alert: message }, 'alert could not be delivered');
  }
}
