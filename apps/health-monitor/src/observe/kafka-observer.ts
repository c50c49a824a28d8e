import type { Target } from '#libs/contracts';
import { type Finding, Observer } from './observer.js';
import { talk } from './tcp-talk.js';

/** An ApiVersions request (key 18, version 0): answered by a broker that works, before any log-in. */
const API_VERSIONS = Buffer.from([0, 0, 0, 14, 0, 18, 0, 0, 0, 0, 0, 1, 0, 4, 112, 105, 110, 103]);

/** One broker: does it answer its own protocol. What the cluster holds is asked elsewhere. */
export class KafkaObserver extends Observer {
  constructor(
    target: Target,
    private readonly limitMs: number,
  ) {
    super(target);
  }

  protected override async find(): Promise<Finding> {
    const isComplete = ({ length }: Buffer) => length >= 4;
    await talk(this.target.url, { say: API_VERSIONS, isComplete, limitMs: this.limitMs });
    return { outcome: 'well', detail: 'answers', facts: { role: 'broker' } };
  }
}
