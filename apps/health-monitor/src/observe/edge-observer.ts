import type { Target } from '#libs/contracts';
import { askHttp } from './ask-http.js';
import { type Finding, Observer } from './observer.js';
import { samplesOf } from './read-metrics.js';

/** One front door: does it answer, and how many servers behind it does it hold for healthy. */
export class EdgeObserver extends Observer {
  constructor(
    target: Target,
    private readonly limitMs: number,
  ) {
    super(target);
  }

  protected override async find(): Promise<Finding> {
    const { status, body } = await askHttp(new URL('/metrics?scope=server', this.target.url), this.limitMs);
    if (status !== 200) return { outcome: 'unready', detail: `answers ${status}` };
    const states = samplesOf(body, 'haproxy_server_status').filter(({ value }) => value === 1);
    const up = states.filter(({ labels }) => labels.state === 'UP').length;
    const facts = { serversUp: up, servers: states.length };
    if (up === 0 && states.length > 0) return { outcome: 'well', detail: 'answers, but no server is up', facts };
    return { outcome: 'well', detail: `${up} of ${states.length} servers up`, facts };
  }
}
