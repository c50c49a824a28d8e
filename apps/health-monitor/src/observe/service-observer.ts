import type { Target } from '#libs/contracts';
import type { Observation } from '../observation.js';
import { askHttp } from './ask-http.js';
import { type Finding, Observer } from './observer.js';

/** Whether it can serve is asked so many times more seldom than whether it is alive: it costs the service a query. */
const READY_EVERY = 3;

/** One of our own services: is it alive, can it serve, which life is it. */
export class ServiceObserver extends Observer {
  private looks = 0;
  private readiness: Finding | undefined;

  constructor(
    target: Target,
    private readonly limitMs: number,
  ) {
    super(target);
  }

  override async look(): Promise<Observation> {
    const seen = await super.look();
    // Only good news may be old.
    if (seen.outcome !== 'well') this.readiness = undefined;
    return seen;
  }

  protected override async find(): Promise<Finding> {
    const { status, body } = await askHttp(new URL('/health/live', this.target.url), this.limitMs);
    if (status !== 200) return { outcome: 'unready', detail: `/health/live answers ${status}` };
    const { startedAt } = JSON.parse(body) as { startedAt?: string };
    return { ...(await this.ready()), life: startedAt };
  }

  /** The last answer is good enough for a while. */
  private async ready(): Promise<Finding> {
    if (this.readiness && ++this.looks % READY_EVERY !== 0) return this.readiness;
    const { status, body } = await askHttp(new URL('/health/ready', this.target.url), this.limitMs);
    const said = statusOf(body);
    this.readiness =
      status === 200
        ? { outcome: 'well', detail: said, facts: { degraded: said === 'degraded' } }
        : { outcome: 'unready', detail: `/health/ready answers ${status} ${said}` };
    return this.readiness;
  }
}

function statusOf(body: string): string {
  try {
    return (JSON.parse(body) as { status?: string }).status ?? '';
  } catch {
    return '';
  }
}
