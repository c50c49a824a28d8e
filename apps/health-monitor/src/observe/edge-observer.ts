import type { Target } from '#libs/contracts';
import type { Tally } from '../callers-word.js';
import { askHttp } from './ask-http.js';
import { type Finding, Observer } from './observer.js';
import { type Sample, samplesOf } from './read-metrics.js';

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
    const tallies = talliesIn(body, this.target.name);
    if (up === 0 && states.length > 0)
      return { outcome: 'well', detail: 'answers, but no server is up', facts, tallies };
    return { outcome: 'well', detail: `${up} of ${states.length} servers up`, facts, tallies };
  }
}

/** @see https://docs.haproxy.org/3.0/management.html#9.1 hrsp_5xx, econ, eresp, cli_abrt, srv_abrt, wretr */
const FAILURES = ['connection_errors', 'response_errors', 'client_aborts', 'server_aborts', 'retry_warnings'];

/** What a front door has counted of each server. Pure. */
export function talliesIn(page: string, caller: string): Tally[] {
  const sums = new Map<string, { ended: number; failed: number }>();
  const add = ({ labels, value }: Sample, failed: boolean): void => {
    const before = sums.get(labels.server ?? '') ?? { ended: 0, failed: 0 };
    sums.set(labels.server ?? '', { ended: before.ended + value, failed: before.failed + (failed ? value : 0) });
  };
  for (const sample of samplesOf(page, 'haproxy_server_http_responses_total'))
    add(sample, sample.labels.code === '5xx');
  for (const name of FAILURES) for (const sample of samplesOf(page, `haproxy_server_${name}_total`)) add(sample, true);
  return [...sums].map(([about, sum]) => ({ caller, about, ...sum }));
}
