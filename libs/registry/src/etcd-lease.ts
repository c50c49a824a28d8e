import type { Etcd3 } from 'etcd3';
import type { CallLimit, EtcdCluster } from './etcd-cluster.js';

/** Renewed this often within its time to live. */
const RENEWALS_PER_TTL = 4;

/**
 * A lease of etcd that its holder can rely on: it counts as lost when its time to live has passed, by our monotonic clock,
 * since the last renewal that succeeded was *sent*. (etcd3's own lease notices after twice the time, by the wall clock.)
 */
export class EtcdLease {
  private readonly lost = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly etcd: EtcdCluster,
    readonly id: string,
    private readonly ttlMs: number,
    private renewedMs: number,
  ) {
    this.timer = setInterval(() => void this.renew(), ttlMs / RENEWALS_PER_TTL);
  }

  /** @throws AppError `unavailable` without a majority */
  static async grant(etcd: EtcdCluster, ttlSeconds: number): Promise<EtcdLease> {
    const sentMs = performance.now();
    const { ID } = await etcd.tell((member, limit) => member.leaseClient.leaseGrant({ TTL: ttlSeconds }, limit));
    return new EtcdLease(etcd, ID, ttlSeconds * 1_000, sentMs);
  }

  /** Aborted when the lease is lost or given back. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  /** Whether others cannot have it yet. */
  get isHeld(): boolean {
    if (performance.now() - this.renewedMs >= this.ttlMs) this.lose();
    return !this.lost.signal.aborted;
  }

  /** Gives it back: its keys go at once. */
  async revoke(): Promise<void> {
    this.lose();
    await this.etcd
      .tell((member, limit) => member.leaseClient.leaseRevoke({ ID: this.id }, limit))
      .catch(() => undefined);
  }

  private async renew(): Promise<void> {
    if (!this.isHeld) return;
    const sentMs = performance.now();
    try {
      const ttl = await this.etcd.ask((member, limit) => renewOn(member, this.id, limit));
      if (ttl <= 0) this.lose();
      else this.renewedMs = Math.max(this.renewedMs, sentMs);
    } catch {
      // The next renewal tries again, until isHeld says that it is too late.
    }
  }

  private lose(): void {
    clearInterval(this.timer);
    this.lost.abort();
  }
}

/** Seconds the lease lives on; 0 when there is no such lease any more. */
async function renewOn(member: Etcd3, id: string, limit: CallLimit): Promise<number> {
  const stream = await member.leaseClient.leaseKeepAlive(limit);
  try {
    return await new Promise((resolve, reject) => {
      stream.on('data', (answer: { TTL: string }) => resolve(Number(answer.TTL)));
      stream.on('error', reject);
      stream.write({ ID: id });
    });
  } finally {
    stream.end();
  }
}
