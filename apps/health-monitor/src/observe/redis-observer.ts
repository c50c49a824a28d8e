import type { Target } from '#libs/contracts';
import type { Facts } from '../observation.js';
import { type Finding, Observer } from './observer.js';
import { talk } from './tcp-talk.js';

/** How to log in; a Redis without users needs none. */
export type RedisLogin = { readonly user: string; readonly password: string; readonly limitMs: number };

/** One Redis server: role, and how far its link to the master is behind. */
export class RedisObserver extends Observer {
  constructor(
    target: Target,
    private readonly login: RedisLogin,
  ) {
    super(target);
  }

  protected override async find(): Promise<Finding> {
    const info = await ask(this.target.url, this.login, 'INFO replication');
    const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
    const role = field('role');
    const facts: Facts =
      role === 'master'
        ? { role, replicas: Number(field('connected_slaves')) }
        : {
            role: 'replica',
            link: field('master_link_status'),
            lagMs: Number(field('master_last_io_seconds_ago')) * 1_000,
          };
    const isCut = facts.link === 'down';
    return { outcome: 'well', detail: isCut ? 'replica, cut off from its master' : String(facts.role), facts };
  }
}

/** One Sentinel: whom it takes for the master. */
export class SentinelObserver extends Observer {
  constructor(
    target: Target,
    private readonly login: RedisLogin,
    private readonly master: string,
  ) {
    super(target);
  }

  protected override async find(): Promise<Finding> {
    const answer = await ask(this.target.url, this.login, `SENTINEL GET-MASTER-ADDR-BY-NAME ${this.master}`);
    const master = answer.split('\r\n').at(2) ?? 'nobody';
    return { outcome: 'well', detail: `master is ${master}`, facts: { master } };
  }
}

/** Logs in and asks one thing, in Redis' own words; QUIT marks the end of the answer. */
async function ask(url: URL, { user, password, limitMs }: RedisLogin, question: string): Promise<string> {
  const say = `${password === '' ? '' : `AUTH ${user} ${password}\r\n`}${question}\r\nPING\r\n`;
  const isComplete = (answer: Buffer) => /(\+PONG|-\S+ .*)\r\n$/.test(answer.subarray(-200).toString());
  const answer = (await talk(url, { say, isComplete, limitMs })).toString();
  const refusal = /^-(.*)\r$/m.exec(answer);
  if (refusal) throw new Error(refusal[1]);
  return answer.replace(/^\+OK\r\n/, '');
}
