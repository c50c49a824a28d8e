import type { Target } from '#libs/contracts';
import { askHttp } from './ask-http.js';
import { type Finding, Observer } from './observer.js';

type Status = {
  header?: { member_id?: string };
  leader?: string;
  raftTerm?: string;
  dbSize?: string;
  errors?: string[];
};

/** One member of etcd: does it serve reads of the majority, does it lead, how big is it. */
export class EtcdObserver extends Observer {
  constructor(
    target: Target,
    private readonly limitMs: number,
  ) {
    super(target);
  }

  protected override async find(): Promise<Finding> {
    const { url } = this.target;
    const [health, answer] = await Promise.all([
      askHttp(new URL('/health', url), this.limitMs),
      askHttp(new URL('/v3/maintenance/status', url), this.limitMs, { body: '{}' }),
    ]);
    const status = JSON.parse(answer.body) as Status;
    const leads = status.leader !== undefined && status.leader === status.header?.member_id;
    const facts = {
      role: leads ? 'leader' : 'follower',
      term: Number(status.raftTerm),
      sizeBytes: Number(status.dbSize),
    };
    if (health.status !== 200) return { outcome: 'unready', detail: 'sees no majority', facts };
    return { outcome: 'well', detail: facts.role, facts };
  }
}
