import type { EtcdCluster } from './etcd-cluster.js';
import { EtcdLease } from './etcd-lease.js';
import { FencedLease, type Term } from './fenced-lease.js';

/** Leads by a key under a lease; the key's create revision is the token. */
export class EtcdFencedLease extends FencedLease {
  private readonly key: Buffer;

  /** @param key as in `/twofold/monitor/leader` */
  constructor(
    private readonly etcd: EtcdCluster,
    key: string,
    private readonly leaseSeconds: number,
  ) {
    super();
    this.key = Buffer.from(key);
  }

  async tryToLead(holder: string): Promise<Term | undefined> {
    if (await this.current()) return undefined;
    const lease = await EtcdLease.grant(this.etcd, this.leaseSeconds);
    try {
      const token = await this.take(holder, lease.id);
      if (token === undefined) await lease.revoke();
      return token === undefined ? undefined : this.termOf(holder, token, lease);
    } catch (error) {
      // Taking may have succeeded unheard: giving the lease back undoes it.
      await lease.revoke();
      throw error;
    }
  }

  async current(): Promise<{ holder: string; token: string } | undefined> {
    const { kvs } = await this.etcd.ask((member, limit) => member.kv.range({ key: this.key }, limit));
    const [found] = kvs;
    return found && { holder: found.value.toString(), token: found.create_revision };
  }

  /** Creates the key if there is none. A first try that was done unheard is known by its lease. */
  private async take(holder: string, lease: string): Promise<string | undefined> {
    const request = {
      compare: [{ key: this.key, target: 'Create' as const, result: 'Equal' as const, create_revision: 0 }],
      success: [{ request_put: { key: this.key, value: Buffer.from(holder), lease } }],
      failure: [{ request_range: { key: this.key } }],
    };
    const answer = await this.etcd.tell((member, limit) => member.kv.txn(request, limit));
    if (answer.succeeded) return answer.header.revision;
    const found = answer.responses[0]?.response_range.kvs[0];
    return found?.lease === lease ? found.create_revision : undefined;
  }

  private termOf(holder: string, token: string, lease: EtcdLease): Term {
    return {
      token,
      holder,
      signal: lease.signal,
      write: async (entries) => {
        const succeeded = lease.isHeld && (await this.writeAs(token, entries));
        if (!succeeded) await lease.revoke();
        return succeeded;
      },
      end: () => lease.revoke(),
    };
  }

  private async writeAs(token: string, entries: Readonly<Record<string, string>>): Promise<boolean> {
    const request = {
      compare: [{ key: this.key, target: 'Create' as const, result: 'Equal' as const, create_revision: token }],
      success: Object.entries(entries).map(([key, value]) => ({
        request_put: { key: Buffer.from(key), value: Buffer.from(value) },
      })),
    };
    return (await this.etcd.tell((member, limit) => member.kv.txn(request, limit))).succeeded;
  }
}
