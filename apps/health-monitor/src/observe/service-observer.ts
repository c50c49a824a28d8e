import { setTimeout as pause } from 'node:timers/promises';
import { SET_ASIDE_PROBE, type Target } from '#libs/contracts';
import type { Observation } from '../observation.js';
import { askHttp, type HttpAnswer, late } from './ask-http.js';
import { type Finding, Observer } from './observer.js';

/** Whether it can serve is asked so many times more seldom than whether it is alive: it costs the service a query. */
const READY_EVERY = 3;
/** So long after its question an answer still proves that somebody lives there: a frozen process never sends one. */
const LATE_LIMIT_MS = 5_000;

/** One of our own services: is it alive, can it serve, which life is it. */
export class ServiceObserver extends Observer {
  private looks = 0;
  private lateAnswerMs = Number.NEGATIVE_INFINITY;
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
    const isSlow = seen.outcome === 'silent' && performance.now() - this.lateAnswerMs < LATE_LIMIT_MS;
    return isSlow ? { ...seen, outcome: 'unready', detail: `${seen.detail}, but late ones` } : seen;
  }

  protected override async find(): Promise<Finding> {
    const { status, body } = await this.live();
    if (status !== 200) return { outcome: 'unready', detail: `/health/live answers ${status}` };
    const { startedAt } = JSON.parse(body) as { startedAt?: string };
    return { ...(await this.ready()), life: startedAt };
  }

  /** An answer after the limit is none, but it is noted. */
  private async live(): Promise<HttpAnswer> {
    const asked = askHttp(new URL('/health/live', this.target.url), LATE_LIMIT_MS);
    const answer = await Promise.race([asked, pause(this.limitMs, undefined, { ref: false })]);
    if (answer) return answer;
    asked.then(
      () => {
        this.lateAnswerMs = performance.now();
      },
      () => undefined,
    );
    throw late(this.limitMs);
  }

  /** The last answer is good enough for a while. */
  private async ready(): Promise<Finding> {
    if (this.readiness && ++this.looks % READY_EVERY !== 0) return this.readiness;
    const { status, body } = await askHttp(new URL('/health/ready', this.target.url), this.limitMs);
    this.readiness = findingOf(status, readinessOf(body));
    return this.readiness;
  }
}

type Readiness = { readonly status?: string; readonly down?: readonly string[] };

/** One that is unready for no other reason than our own word is well: else it could never take work again. */
function findingOf(status: number, { status: said = '', down = [] }: Readiness): Finding {
  const setAside = down.length === 1 && down[0] === SET_ASIDE_PROBE;
  if (status === 200 || setAside)
    return { outcome: 'well', detail: said, facts: { degraded: said === 'degraded', setAside } };
  return { outcome: 'unready', detail: `/health/ready answers ${status} ${[said, ...down].join(' ')}`.trimEnd() };
}

function readinessOf(body: string): Readiness {
  try {
    return JSON.parse(body) as Readiness;
  } catch {
    return {};
  }
}
