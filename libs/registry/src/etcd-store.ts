import type { EtcdCluster } from './etcd-cluster.js';

/** A key as it stands. Revisions are decimal text: they may exceed what a number holds. */
export type StoredEntry = {
  readonly key: string;
  readonly value: string;
  readonly createRevision: string;
  readonly modRevision: string;
};

/** What must hold, and what is done if it does, all in one step. */
export type Commit = {
  /** Each key must have this create revision; `0`: it must not exist. */
  readonly when: Readonly<Record<string, string>>;
  readonly put?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  /** What is put disappears after so many seconds. @default never */
  readonly forSeconds?: number;
};

/** A few keys and values that several processes agree on. Reads are linearizable. */
export class EtcdStore {
  constructor(private readonly etcd: EtcdCluster) {}

  /** All entries whose key begins with `prefix`, by key. @throws AppError `unavailable` without a majority */
  async list(prefix: string): Promise<readonly StoredEntry[]> {
    const range = { key: Buffer.from(prefix), range_end: endOf(prefix) };
    const { kvs } = await this.etcd.ask((member, limit) => member.kv.range(range, limit));
    return kvs.map((kv) => ({
      key: kv.key.toString(),
      value: kv.value.toString(),
      createRevision: kv.create_revision,
      modRevision: kv.mod_revision,
    }));
  }

  /**
   * Does all of it, or nothing because a condition does not hold.
   * @throws AppError `unavailable` when nobody knows: it may have been done
   */
  async commit({ when, put = {}, remove = [], forSeconds }: Commit): Promise<boolean> {
    const lease = forSeconds === undefined ? undefined : await this.lease(forSeconds);
    const request = {
      compare: Object.entries(when).map(([key, create_revision]) => ({
        key: Buffer.from(key),
        target: 'Create' as const,
        result: 'Equal' as const,
        create_revision,
      })),
      success: [
        ...Object.entries(put).map(([key, value]) => ({
          request_put: { key: Buffer.from(key), value: Buffer.from(value), ...(lease !== undefined && { lease }) },
        })),
        ...remove.map((key) => ({ request_delete_range: { key: Buffer.from(key) } })),
      ],
    };
    return (await this.etcd.tell((member, limit) => member.kv.txn(request, limit))).succeeded;
  }

  /**
   * Ends the lease that holds `key`, if it is still the very one that was created at `createRevision`.
   * @returns false when it is not, or has no lease
   */
  async revokeHolder(key: string, createRevision: string): Promise<boolean> {
    const { kvs } = await this.etcd.ask((member, limit) => member.kv.range({ key: Buffer.from(key) }, limit));
    const [found] = kvs;
    if (found?.create_revision !== createRevision || found.lease === '0') return false;
    await this.etcd.tell((member, limit) => member.leaseClient.leaseRevoke({ ID: found.lease }, limit));
    return true;
  }

  private async lease(seconds: number): Promise<string> {
    const { ID } = await this.etcd.tell((member, limit) => member.leaseClient.leaseGrant({ TTL: seconds }, limit));
    return ID;
  }
}

/** The first key after all that begin with `prefix`. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
  return end;
}
