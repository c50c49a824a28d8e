/** Who the cluster's consensus says is the database leader. */
export type Leadership = {
  /** Node name, as in `DATABASE_NODES`. */
  readonly name: string;
  /** Grows with every change of leadership. */
  readonly revision: string;
};

/**
 * An authority on who leads, besides the nodes themselves: a node that was silent for a while is believed to be the primary
 * again only when named here (R10). `#libs/registry` reads Patroni's leader key in etcd; a single node needs none.
 */
export abstract class LeaderWitness {
  /**
   * A linearizable read: what it returns was true after the call began.
   * @returns undefined when nobody leads
   * @throws AppError `unavailable` without a majority
   */
  abstract leader(): Promise<Leadership | undefined>;
}
