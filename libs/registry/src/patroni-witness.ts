import { type Leadership, LeaderWitness } from '#libs/database';
import type { EtcdCluster } from './etcd-cluster.js';

/**
 * Reads Patroni's leader key linearizably: a member cut off from the majority cannot answer, so the first answer is true.
 * @see https://etcd.io/docs/v3.5/learning/api_guarantees/ linearizable reads are the default
 */
export class PatroniWitness extends LeaderWitness {
  private readonly key: Buffer;

  constructor(
    private readonly etcd: EtcdCluster,
    scope: string,
  ) {
    super();
    this.key = Buffer.from(`/service/${scope}/leader`);
  }

  async leader(): Promise<Leadership | undefined> {
    const { kvs } = await this.etcd.ask((member, limit) => member.kv.range({ key: this.key }, limit));
    const [found] = kvs;
    return found && { name: found.value.toString(), revision: found.create_revision };
  }
}
