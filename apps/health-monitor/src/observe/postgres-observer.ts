import type { Target } from '#libs/contracts';
import type { NodeObserver, NodeView } from '#libs/database';
import type { Facts } from '../observation.js';
import { askHttp } from './ask-http.js';
import { type Finding, Observer } from './observer.js';
import { talk } from './tcp-talk.js';

/** SSLRequest: length 8, code 80877103. Answered with one byte by a forked back end, before any log-in. */
export const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const PATRONI_PORT = '8008';

/** One node of the database, by itself: role, timeline, lag, who follows it; and what its Patroni says. */
export class PostgresObserver extends Observer {
  constructor(
    target: Target,
    private readonly node: NodeObserver,
    private readonly options: { readonly limitMs: number; readonly patroni: boolean },
  ) {
    super(target);
  }

  override close(): Promise<void> {
    return this.node.close();
  }

  protected override async find(): Promise<Finding> {
    const { limitMs, patroni } = this.options;
    const [asked, view, said] = await Promise.all([
      talk(this.target.url, { say: SSL_REQUEST, isComplete: ({ length }) => length > 0, limitMs }).catch(errorOf),
      this.node.look().catch(errorOf),
      patroni ? this.askPatroni(limitMs) : {},
    ]);
    if (view instanceof Error) {
      // Alive, but no log-in: starting up, out of connections, in recovery.
      if (asked instanceof Error) throw asked;
      return { outcome: 'unready', detail: view.message, facts: said };
    }
    return { outcome: 'well', detail: view.role, life: view.startedAt, facts: { ...factsOf(view), ...said } };
  }

  private async askPatroni(limitMs: number): Promise<Facts> {
    const { hostname } = this.target.url;
    try {
      const { body } = await askHttp(new URL(`http://${hostname}:${PATRONI_PORT}/patroni`), limitMs);
      const { role, state, timeline, sync_standby, quorum_standby } = JSON.parse(body) as Record<
        string,
        string | number
      >;
      return {
        patroniRole: role ?? 'unknown',
        patroniState: state ?? 'unknown',
        ...(timeline !== undefined && { patroniTimeline: timeline }),
        synchronous: sync_standby !== undefined || quorum_standby !== undefined,
      };
    } catch (error) {
      return { patroniState: `silent (${(error as Error).message})` };
    }
  }
}

function factsOf({ role, timeline, lagMs, lagBytes, followers, oldestTransactionMs }: NodeView): Facts {
  return { role, timeline, lagMs, lagBytes, followers, oldestTransactionMs };
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
