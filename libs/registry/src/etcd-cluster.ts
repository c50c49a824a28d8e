import { Etcd3, type IOptions } from 'etcd3';
import type { Secret } from '#libs/config';
import { hedge } from './hedge.js';
import { registryUnavailable } from './registry.errors.js';

/** An answer from a healthy member takes 1 to 5 ms; after so long the others are asked too. */
const HEDGE_AFTER_MS = 100;

/** How to reach etcd. */
export type EtcdSettings = {
  readonly etcd: readonly string[];
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly callTimeoutMs: number;
};

/** Passed to every call: when it must have been answered. */
export type CallLimit = { readonly deadline: number };

/**
 * etcd3's default policies open a breaker for 5 s after three failures, which would make us blind during every election.
 * Here each member has a client of its own without any policy; who asks, asks all or goes on to the next.
 */
const NO_POLICY = { execute: (call: (context: object) => unknown) => Promise.resolve().then(() => call({})) };

/** The members of an etcd cluster, each with a client of its own: one that is frozen delays nobody. */
export class EtcdCluster {
  private readonly members: readonly Etcd3[];
  private preferred = 0;

  constructor(private readonly settings: EtcdSettings) {
    const { user, password } = settings;
    const auth = user !== undefined &&
      password !== undefined && { auth: { username: user, password: password.reveal() } };
    const faultHandling = { host: () => NO_POLICY, global: NO_POLICY } as unknown as NonNullable<
      IOptions['faultHandling']
    >;
    this.members = settings.etcd.map((hosts) => new Etcd3({ hosts, ...auth, faultHandling }));
  }

  /** For watching: one member, another one each time. */
  nextMember(): Etcd3 {
    return this.members[++this.preferred % this.members.length] as Etcd3;
  }

  /**
   * Asks one member, and the others as well if it has not answered after {@link HEDGE_AFTER_MS} or has failed; takes the first
   * answer. For what may be done more than once.
   * @throws AppError `unavailable` when none answers in time
   */
  async ask<T>(call: (member: Etcd3, limit: CallLimit) => Promise<T>): Promise<T> {
    const limit = this.limit();
    const askOne = (member: Etcd3) => within(this.settings.callTimeoutMs, call(member, limit));
    const at = this.preferred % this.members.length;
    const first = askOne(this.members[at] as Etcd3);
    const askOthers = () => {
      if (this.preferred % this.members.length === at) this.preferred++;
      return this.members.filter((_, index) => index !== at).map(askOne);
    };
    return hedge(first, askOthers, HEDGE_AFTER_MS).catch((error: unknown) => {
      throw registryUnavailable(error);
    });
  }

  /**
   * Asks one member after the other until one answers. For writes: one that was not answered may have been done.
   * @throws AppError `unavailable` when none answers in time
   */
  async tell<T>(call: (member: Etcd3, limit: CallLimit) => Promise<T>): Promise<T> {
    let cause: unknown;
    for (let n = 0; n < this.members.length; n++) {
      const member = this.members[this.preferred % this.members.length] as Etcd3;
      try {
        return await within(this.settings.callTimeoutMs, call(member, this.limit()));
      } catch (error) {
        cause = error;
        this.preferred++;
      }
    }
    throw registryUnavailable(cause);
  }

  close(): void {
    for (const member of this.members) member.close();
  }

  private limit(): CallLimit {
    return { deadline: Date.now() + this.settings.callTimeoutMs };
  }
}

/** gRPC's own deadline does not cover connecting; this does. */
function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
